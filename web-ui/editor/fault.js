// What is wrong with a line, shown beneath it.

import { RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker, WidgetType, gutterLineClass } from "@codemirror/view";

const set = StateEffect.define();

/** An effect that shows `{ at, column, message }`, the beginning of a line and what is wrong there; null takes it away. */
export const withFault = (fault) => set.of(fault);

class Message extends WidgetType {
  constructor(message) {
    super();
    this.message = message;
  }

  eq(other) {
    return other.message === this.message;
  }

  toDOM() {
    const box = document.createElement("div");
    box.className = "lf-code__msg";
    const icon = document.createElement("span");
    icon.className = "lf-icon lf-icon--error";
    icon.setAttribute("aria-hidden", "true");
    const text = document.createElement("div");
    text.textContent = this.message;
    box.append(icon, text);
    return box;
  }
}

const number = new (class extends GutterMarker {
  elementClass = "lf-code__number--error";
})();

const line = Decoration.line({ class: "lf-code__line--error" });

const field = StateField.define({
  create: () => null,
  update(fault, transaction) {
    for (const effect of transaction.effects) if (effect.is(set)) return effect.value;
    if (!fault || !transaction.docChanged) return fault;
    // Who changes the line has heard what is wrong with it.
    const { from, to } = transaction.startState.doc.lineAt(fault.at);
    return transaction.changes.touchesRange(from, to) ? null : { ...fault, at: transaction.changes.mapPos(fault.at) };
  },
});

const decorations = EditorView.decorations.compute([field], (state) => {
  const fault = state.field(field);
  if (!fault) return Decoration.none;
  const { from, to } = state.doc.lineAt(fault.at);
  const message = Decoration.widget({ widget: new Message(fault.message), block: true, side: 1 });
  const marks = [line.range(from), message.range(to)];
  const column = fault.column ? Math.min(from + fault.column - 1, to) : to;
  const word = state.wordAt(column);
  if (word && word.from >= from) marks.push(Decoration.mark({ class: "lf-code__squig" }).range(word.from, word.to));
  return Decoration.set(marks, true);
});

const gutter = gutterLineClass.compute([field], (state) => {
  const fault = state.field(field);
  return fault ? RangeSet.of([number.range(state.doc.lineAt(fault.at).from)]) : RangeSet.empty;
});

export const fault = [field, decorations, gutter];
