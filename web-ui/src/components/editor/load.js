// Loads the code editor when somebody opens it: by the address of its file, or by whoever knows where it is.
export const load = (from) => (typeof from === "function" ? from() : import(/* @vite-ignore */ from));
