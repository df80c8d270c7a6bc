//! The entry `leftfold/debugger` of the npm package: the element, made of the built page.
//!
//! The page and the element run the same code. What is written here says how the element starts it, and has the page's style
//! sheets in one text, so that the element needs no request for them and no bundler takes them for its own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use crate::{page, project};

/// Where what is written by hand stands.
const WRITTEN: &str = "web-ui/embed";
const COPIED: [&str; 2] = ["leftfold-debugger.js", "leftfold-debugger.d.ts"];
/// The styles around those of the page.
const FRAME: &str = "element.css";
const STYLES: &str = "leftfold-debugger-styles.js";
/// The name that the code has for the file that it loads, before trunk adds a hash to it.
const CODE: &str = "leftfold-web-ui";
/// The same for the code editor, which is loaded when somebody opens it.
const EDITOR: &str = "leftfold-editor";
/// The folder of the modules in JavaScript that the code names by their place beside it.
const SNIPPETS: &str = "snippets";

/// Writes the entry into a folder, from the page that was built into `dist`.
pub(crate) fn write(folder: &Path) -> anyhow::Result<()> {
    let written = project::root().join(WRITTEN);
    fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
    for name in COPIED {
        copy(&written.join(name), &folder.join(name))?;
    }
    copy(&only("js", &format!("{CODE}-"))?, &folder.join(format!("{CODE}.js")))?;
    copy(&only("js", &format!("{EDITOR}-"))?, &folder.join(format!("{EDITOR}.js")))?;
    copy(&only("wasm", &format!("{CODE}-"))?, &folder.join(format!("{CODE}_bg.wasm")))?;
    copy_folder(&project::dist().join(SNIPPETS), &folder.join(SNIPPETS))?;
    let styles = styles(&written.join(FRAME))?;
    let file = folder.join(STYLES);
    fs::write(&file, module_of(&styles)).with_context(|| format!("could not write {}", file.display()))
}

/// The style sheets of the page in its order, after those of the frame.
fn styles(frame: &Path) -> anyhow::Result<String> {
    let dist = project::dist();
    let index = read(&dist.join("index.html"))?;
    let sheets = sheets_of(&index);
    if sheets.is_empty() {
        bail!("{} names no style sheet", dist.join("index.html").display());
    }
    let mut styles = read(frame)?;
    for sheet in sheets {
        styles.push_str(&read(&dist.join(sheet))?);
        styles.push('\n');
    }
    Ok(styles)
}

/// The files of the style sheets that a built page names, in its order.
fn sheets_of(index: &str) -> Vec<&str> {
    let tags = index.split('<').filter(|tag| tag.starts_with("link rel=\"stylesheet\" "));
    tags.filter_map(|tag| tag.split_once("href=\"/")?.1.split_once('"')).map(|(file, _)| file).collect()
}

/// A module whose default export is this text.
fn module_of(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + text.len() / 8);
    for letter in text.chars() {
        match letter {
            '\\' => literal.push_str("\\\\"),
            '"' => literal.push_str("\\\""),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            _ => literal.push(letter),
        }
    }
    format!("// The styles of the page, for the shadow root of the element.\nexport default \"{literal}\";\n")
}

/// The one file of the built page whose name begins like this.
fn only(extension: &str, begins: &str) -> anyhow::Result<PathBuf> {
    let is_it =
        |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(begins));
    let mut found = page::files(extension)?.into_iter().filter(is_it);
    match (found.next(), found.next()) {
        (Some(file), None) => Ok(file),
        (None, _) => bail!("the built page has no file {begins}….{extension}"),
        (Some(_), Some(_)) => bail!("the built page has several files {begins}….{extension}: build it anew"),
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))
}

fn copy(file: &Path, to: &Path) -> anyhow::Result<()> {
    fs::copy(file, to).with_context(|| format!("could not copy {}", file.display()))?;
    Ok(())
}

fn copy_folder(folder: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| format!("could not make {}", to.display()))?;
    for entry in fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))? {
        let entry = entry?;
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() { copy_folder(&path, &to)? } else { copy(&path, &to)? }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{module_of, sheets_of};

    #[test]
    fn the_sheets_are_those_that_the_page_links_in_its_order() {
        let index = "<head><link rel=\"icon\" href=\"/i.svg\">\n<link rel=\"stylesheet\" href=\"/b-1f.css\"/>\
                     <link rel=\"stylesheet\" href=\"/a-2e.css\"/><link rel=\"preload\" href=\"/c.wasm\"></head>";
        assert_eq!(sheets_of(index), ["b-1f.css", "a-2e.css"]);
    }

    #[test]
    fn a_text_becomes_one_literal() {
        let module = module_of("a { content: \"\\201c\"; }\n");
        assert!(module.ends_with("export default \"a { content: \\\"\\\\201c\\\"; }\\n\";\n"), "{module}");
    }
}
