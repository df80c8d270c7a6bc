// Prints how large the files of the npm package are, as they are and as a server would send them: `node package-size.mjs FOLDER`.

import { AIM, loadedAtFirst, packageFiles } from "./package-sizes.mjs";

const files = await packageFiles(process.argv[2]);
const total = loadedAtFirst(files);
const rows = [["file", "bytes", "gzip", "brotli"]];
for (const { name, sizes, isLoaded } of files) rows.push([`${isLoaded ? "* " : "  "}${name}`, ...sizes.map(String)]);
rows.push(["* loaded at first", ...total.map(String)]);
const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
for (const [name, ...sizes] of rows) {
  console.log([name.padEnd(widths[0]), ...sizes.map((size, at) => size.padStart(widths[at + 1]))].join("  "));
}
const kilobytes = (total[2] / 1000).toFixed(1);
const isMet = total[2] <= AIM;
console.log(`The aim of ${AIM / 1000} kB by brotli is ${isMet ? "met" : "missed"}: an application loads ${kilobytes} kB at first.`);
