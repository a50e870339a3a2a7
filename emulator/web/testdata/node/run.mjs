// Runs the assertion modules of this folder in Node.js, to see that they say
// what Node.js does. Names of modules to run can be given.
import { readdirSync } from "node:fs";

const wanted = process.argv.slice(2);
for (const file of readdirSync(new URL(".", import.meta.url))) {
  if (!file.endsWith(".test.mjs") || (wanted.length > 0 && !wanted.includes(file.split(".")[0]))) continue;
  const { default: run } = await import(`./${file}`);
  try {
    await run?.();
    console.log("ok", file);
  } catch (error) {
    console.log("FAIL", file, error);
    process.exitCode = 1;
  }
}
