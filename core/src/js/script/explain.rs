//! What one event does in a text.

use super::fault::ScriptFault;
use super::inner::{Inner, TRIES, out_of_step};
use super::outline::ScriptStep;
use super::sandbox::{Question, fault};
use crate::domain::{Position, RecordedEvent};
use crate::timeline::TimelineError;

impl Inner {
    /// What an event did, which was lifted to these: `before` is the position before it.
    pub(super) async fn explain(
        &self,
        before: Position,
        events: &[RecordedEvent],
    ) -> Result<ScriptStep, TimelineError> {
        let at = before.next();
        let failed = |fault: ScriptFault| ScriptStep { fault: Some(fault), ..ScriptStep::default() };
        if let Some((_, fault)) = self.endless_step.borrow().as_ref().filter(|(known, _)| *known == at) {
            return Ok(failed(fault.clone()));
        }
        let mut announces = false;
        for _ in 0..TRIES {
            let step = match self.step(before, events, announces).await? {
                Ok(step) => step,
                Err(fault) if self.is_to_ask_again(&fault, &mut announces) => continue,
                Err(fault) if fault.is_endless && fault.position.is_none_or(|position| position == at) => {
                    let fault = ScriptFault { position: Some(at), ..fault };
                    *self.endless_step.borrow_mut() = Some((at, fault.clone()));
                    return Ok(failed(fault));
                }
                Err(fault) => return Err(self.fold_error(&fault)),
            };
            let Some(mut step) = step else { continue };
            if !self.outline.has_result {
                step.result.clone_from(&step.after);
            } else if let Some(after) = &step.after {
                match self.result(at, after).await? {
                    Ok(result) => step.result = result,
                    Err(fault) => step.fault = Some(fault),
                }
            }
            return Ok(step);
        }
        Err(out_of_step(at))
    }

    /// One try of that: nothing where the worker has let go of what was kept.
    async fn step(
        &self,
        before: Position,
        events: &[RecordedEvent],
        announces: bool,
    ) -> Result<Result<Option<ScriptStep>, ScriptFault>, TimelineError> {
        self.grow_to(before).await?;
        let question = Question::new("placed").batch(self.packer.borrow_mut().pack(events));
        let placed = match self.answered(question).await {
            Ok(placed) => placed,
            Err(fault) => return Ok(Err(fault)),
        };
        if let Some(fault) = placed.member("fault").map(fault) {
            return Ok(Ok(Some(ScriptStep { fault: Some(fault), ..ScriptStep::default() })));
        }
        if let Some(skipped) = placed.text("skipped") {
            return Ok(Ok(Some(ScriptStep { skipped: Some(skipped), ..ScriptStep::default() })));
        }
        let partition = placed.text("partition").unwrap_or_default();
        let asked = |ask| Question::new(ask).with("partition", partition.as_str());
        let count = self.count(before, &partition).await? as f64;
        let span = self.ask(asked("span").with("from", count).with("to", count)).await?;
        if span.flag("isStale") {
            return Ok(Ok(None));
        }
        let mut all = self.events(&span.positions("positions")).await?;
        all.extend_from_slice(events);
        let question = asked("explain").with("base", span.count("base") as f64).with("announces", announces);
        let question = question.batch(self.packer.borrow_mut().pack(&all));
        let said = match self.answered(question).await {
            Ok(said) => said,
            Err(fault) => return Ok(Err(fault)),
        };
        if said.flag("isStale") {
            return Ok(Ok(None));
        }
        Ok(Ok(Some(ScriptStep {
            skipped: None,
            partition,
            before: said.text("before"),
            after: said.text("after"),
            result: None,
            emitted: said.texts("emitted").into_iter().flatten().collect(),
            logs: said.texts("logs").into_iter().flatten().collect(),
            micros: said.count("micros"),
            fault: said.member("fault").map(fault),
        })))
    }

    /// What is made of a state behind an event.
    async fn result(&self, at: Position, state: &str) -> Result<Result<Option<String>, ScriptFault>, TimelineError> {
        if let Some(error) = &*self.endless_result.borrow() {
            return Ok(Err(ScriptFault {
                position: Some(at),
                is_endless: true,
                ..ScriptFault::of(&error.to_string())
            }));
        }
        let mut announces = false;
        loop {
            self.grow_to(at).await?;
            match self.answered(Question::new("result").with("text", state)).await {
                Err(fault) if self.is_to_ask_again(&fault, &mut announces) => {}
                Err(fault) => {
                    let fault = ScriptFault { position: Some(at), ..fault };
                    self.unanswered(at, "result", fault.clone());
                    return Ok(Err(fault));
                }
                Ok(said) => return Ok(Ok(said.text("state"))),
            }
        }
    }
}
