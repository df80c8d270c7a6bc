// The code editor of the page: CodeMirror with the words of projections.
//
// The page loads this module when the editor is opened for the first time. How it looks is said by the page's style sheet
// (`lf-code`); what CodeMirror's own rules say is where things stand, which it adds to the document or the shadow root itself.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { javascriptLanguage, localCompletionSource } from "@codemirror/lang-javascript";
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import { completions, names, withNames } from "./completions.js";
import { fault, withFault } from "./fault.js";

const highlighting = HighlightStyle.define([
  { tag: [tags.keyword, tags.bool, tags.null, tags.self], class: "lf-k" },
  { tag: [tags.string, tags.regexp, tags.special(tags.string)], class: "lf-s" },
  { tag: tags.number, class: "lf-n" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.definition(tags.propertyName)], class: "lf-f" },
  { tag: tags.comment, class: "lf-m" },
]);

class Editor {
  #view;

  constructor(view) {
    this.#view = view;
  }

  text() {
    return this.#view.state.doc.toString();
  }

  /** Replaces the text, as one step that can be undone. */
  setText(text) {
    const { doc } = this.#view.state;
    if (doc.toString() !== text) this.#view.dispatch({ changes: { from: 0, to: doc.length, insert: text }, selection: { anchor: 0 } });
  }

  /** Shows `message` beneath a line, counted from 1, or takes what is shown away. */
  setFault(line, column, message) {
    const { doc } = this.#view.state;
    const isThere = message !== undefined && line >= 1 && line <= doc.lines;
    const effects = [withFault(isThere ? { at: doc.line(line).from, column, message } : null)];
    if (isThere) effects.push(EditorView.scrollIntoView(doc.line(line).from, { y: "nearest", yMargin: 48 }));
    this.#view.dispatch({ effects });
  }

  /** Puts the cursor into a line, counted from 1. */
  goTo(line) {
    const { doc } = this.#view.state;
    if (line < 1 || line > doc.lines) return;
    this.#view.dispatch({ selection: { anchor: doc.line(line).from }, scrollIntoView: true });
    this.#view.focus();
  }

  /** What is offered while one types: `{ types: [{ name, count, members: [{ path, kind }] }], categories, streams }`. */
  setNames(json) {
    this.#view.dispatch({ effects: withNames(JSON.parse(json)) });
  }

  focus() {
    this.#view.focus();
  }

  close() {
    this.#view.destroy();
  }
}

/** Opens an editor in an element. `onChange` is given the text, `onRun` and `onSave` are called for their keys. */
export function open(parent, text, label, describedBy, { onChange, onRun, onSave }) {
  const pressed = (action) => () => {
    action();
    return true;
  };
  const state = EditorState.create({
    doc: text,
    extensions: [
      lineNumbers(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      indentOnInput(),
      indentUnit.of("  "),
      EditorState.tabSize.of(2),
      bracketMatching(),
      closeBrackets(),
      javascriptLanguage,
      javascriptLanguage.data.of({ autocomplete: localCompletionSource }),
      names,
      javascriptLanguage.data.of({ autocomplete: completions }),
      autocompletion({ icons: false }),
      syntaxHighlighting(highlighting),
      fault,
      keymap.of([
        { key: "Mod-Enter", run: pressed(onRun) },
        { key: "Mod-s", run: pressed(onSave) },
        ...closeBracketsKeymap,
        ...completionKeymap,
        ...historyKeymap,
        ...defaultKeymap,
        // Escape, then Tab leaves the editor: CodeMirror's own way out, of which the page tells.
        indentWithTab,
      ]),
      // What can be edited takes the focus without it; said outright, tools that check a page know it too.
      EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": describedBy, tabindex: "0" }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) onChange(update.state.doc.toString());
      }),
    ],
  });
  const root = parent.getRootNode();
  return new Editor(new EditorView({ parent, state, root }));
}
