//! The places of the page that an address can name.

/// A page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PageView {
    /// The log, the filters and the inspector.
    #[default]
    Debugger,
    /// Read models at the cursor.
    Projections,
    /// What would have happened otherwise.
    WhatIf,
    /// Commands of the sample domain.
    Commands,
}

impl PageView {
    /// Every page, as the navigation lists them.
    pub const ALL: [Self; 4] = [Self::Debugger, Self::Projections, Self::WhatIf, Self::Commands];

    /// Its name in addresses.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Debugger => "debugger",
            Self::Projections => "projections",
            Self::WhatIf => "what-if",
            Self::Commands => "commands",
        }
    }

    /// Its title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Debugger => "Debugger",
            Self::Projections => "Projections",
            Self::WhatIf => "What-if",
            Self::Commands => "Commands",
        }
    }

    /// The page of this name.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.key() == key)
    }
}

/// The pane that a narrow page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The log.
    #[default]
    Log,
    /// The inspector.
    Inspect,
    /// The rail of filters.
    Filters,
}

impl View {
    /// Every pane, as the choice lists them.
    pub const ALL: [Self; 3] = [Self::Log, Self::Inspect, Self::Filters];

    /// Its name in addresses.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Inspect => "inspect",
            Self::Filters => "filters",
        }
    }

    /// The pane of this name.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.key() == key)
    }
}

/// A tab of the inspector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InspectorTab {
    /// The event at the cursor.
    Event,
    /// State at the cursor.
    #[default]
    State,
    /// State at A against state at B.
    Diff,
    /// Which event last wrote each field.
    Blame,
}

impl InspectorTab {
    /// Every tab, in their order.
    pub const ALL: [Self; 4] = [Self::Event, Self::State, Self::Diff, Self::Blame];

    /// Its name in addresses.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::State => "state",
            Self::Diff => "diff",
            Self::Blame => "blame",
        }
    }

    /// Its title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Event => "Event",
            Self::State => "State",
            Self::Diff => "Diff A–B",
            Self::Blame => "Blame",
        }
    }

    /// The tab of this name.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.key() == key)
    }
}
