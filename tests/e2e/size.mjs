// Prints how large the code of the built page is, as it is and as a server would send it: `node size.mjs FOLDER`.

import { pageSize } from "../../benches/runner/page-size.mjs";

const sizes = await pageSize(process.argv[2]);
const kilobytes = (how) => `${((sizes[".wasm"][how] + sizes[".js"][how]) / 1000).toFixed(1)} kB`;
console.log(`wasm + js of the page: ${kilobytes("plain")}, ${kilobytes("gzip")} gzip, ${kilobytes("brotli")} brotli`);
