// Terminal styles: util.styleText and util.stripVTControlCharacters.

import { checkOneOf, checkString } from "./validate";

// Control sequences, strings for the terminal (titles, links) and the other
// escape sequences of ECMA-48, sections 5.4, 5.6 and 5.3.
const control = new RegExp([
  "(?:\u001b\\[|\u009b)[0-?]*[ -/]*[@-~]",
  "(?:\u001b[\\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\\\|\u009c)",
  "\u001b[ -/]*[0-~]",
].join("|"), "g");

export function stripVTControlCharacters(text: string): string {
  checkString(text, "str");
  return text.replace(control, "");
}

// styles are the sequences that begin and end each style.
export const styles: Record<string, [number, number]> = {
  reset: [0, 0], bold: [1, 22], dim: [2, 22], italic: [3, 23], underline: [4, 24], blink: [5, 25], inverse: [7, 27],
  hidden: [8, 28], strikethrough: [9, 29], doubleunderline: [21, 24], black: [30, 39], red: [31, 39],
  green: [32, 39], yellow: [33, 39], blue: [34, 39], magenta: [35, 39], cyan: [36, 39], white: [37, 39],
  bgBlack: [40, 49], bgRed: [41, 49], bgGreen: [42, 49], bgYellow: [43, 49], bgBlue: [44, 49], bgMagenta: [45, 49],
  bgCyan: [46, 49], bgWhite: [47, 49], framed: [51, 54], overlined: [53, 55], gray: [90, 39], grey: [90, 39],
  redBright: [91, 39], greenBright: [92, 39], yellowBright: [93, 39], blueBright: [94, 39], magentaBright: [95, 39],
  cyanBright: [96, 39], whiteBright: [97, 39], bgGray: [100, 49], bgGrey: [100, 49], bgRedBright: [101, 49],
  bgGreenBright: [102, 49], bgYellowBright: [103, 49], bgBlueBright: [104, 49], bgMagentaBright: [105, 49],
  bgCyanBright: [106, 49], bgWhiteBright: [107, 49],
};

// colorOf is the style of each kind of value that inspect prints.
export const colorOf: Record<string, string> = {
  special: "cyan", number: "yellow", bigint: "yellow", boolean: "yellow", undefined: "grey", null: "bold",
  string: "green", symbol: "green", date: "magenta", regexp: "red", module: "underline",
};

interface StyleOptions {
  validateStream?: boolean;
  stream?: { isTTY?: boolean };
}

// A Worker has no terminal: without validateStream: false the text stays plain.
export function styleText(format: string | string[], text: string, options: StyleOptions = {}): string {
  checkString(text, "text");
  let before = "";
  let after = "";
  for (const name of Array.isArray(format) ? format : [format]) {
    if (name === "none") continue;
    const codes = styles[name];
    if (codes === undefined) checkOneOf(name, "format", Object.keys(styles));
    before += `\u001b[${codes![0]}m`;
    after = `\u001b[${codes![1]}m${after}`;
  }
  const plain = (options.validateStream ?? true) && !options.stream?.isTTY;
  return plain ? text : `${before}${text}${after}`;
}
