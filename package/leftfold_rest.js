// The rest of the compiled code: what an application does not need at its start. The first module loads it with the first
// call that needs it; the two are one program, and share its memory.
export { initRest as default } from "./leftfold.js";
