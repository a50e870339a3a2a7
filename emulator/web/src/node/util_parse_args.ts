// util.parseArgs.

import { codedError, invalidArgType, invalidArgValue } from "./errors";
import { checkBoolean, checkObject, checkOneOf, checkString } from "./validate";

interface Option {
  type: "string" | "boolean";
  short?: string;
  multiple?: boolean;
  default?: unknown;
}

type Options = Record<string, Option>;

interface Token {
  kind: "option" | "positional" | "option-terminator";
  index: number;
  name?: string;
  rawName?: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
}

interface Config {
  args?: readonly string[];
  options?: Options;
  strict?: boolean;
  allowPositionals?: boolean;
  allowNegative?: boolean;
  tokens?: boolean;
}

export function parseArgs(config: Config = {}): any {
  checkObject(config, "config");
  const args = config.args ?? [];
  if (!Array.isArray(args)) throw invalidArgType("args", "Array", args);
  const options = config.options ?? {};
  const strict = config.strict ?? true;
  const allowPositionals = config.allowPositionals ?? !strict;
  const allowNegative = config.allowNegative ?? false;
  checkBoolean(strict, "strict");
  checkBoolean(allowPositionals, "allowPositionals");
  checkOptions(options);

  const tokens = tokenize(args, options);
  const values: Record<string, any> = Object.create(null);
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "option") {
      storeOption(token, values, options, strict, allowPositionals, allowNegative);
    } else if (token.kind === "positional") {
      if (!allowPositionals) throw unexpectedPositional(token.value!);
      positionals.push(token.value!);
    }
  }
  for (const [name, option] of Object.entries(options)) {
    if (option.default !== undefined && values[name] === undefined) values[name] = option.default;
  }
  return config.tokens ? { values, positionals, tokens } : { values, positionals };
}

function checkOptions(options: Options): void {
  checkObject(options, "options");
  for (const [name, option] of Object.entries(options)) {
    checkObject(option, `options.${name}`);
    checkOneOf(option.type, `options.${name}.type`, ["string", "boolean"]);
    if (option.short !== undefined) {
      checkString(option.short, `options.${name}.short`);
      if (option.short.length !== 1) {
        throw invalidArgValue(`options.${name}.short`, option.short, "must be a single character");
      }
    }
    if (option.multiple !== undefined) checkBoolean(option.multiple, `options.${name}.multiple`);
    if (option.default !== undefined) checkDefault(option, `options.${name}.default`);
  }
}

function checkDefault(option: Option, name: string): void {
  const check = option.type === "string" ? checkString : checkBoolean;
  if (!option.multiple) return check(option.default, name);
  if (!Array.isArray(option.default)) throw invalidArgType(name, "Array", option.default);
  option.default.forEach((value, i) => check(value, `${name}[${i}]`));
}

function longName(short: string, options: Options): string {
  return Object.keys(options).find((name) => options[name]!.short === short) ?? short;
}

function tokenize(args: readonly string[], options: Options): Token[] {
  const tokens: Token[] = [];
  const queue = args.map((text, index) => ({ text, index }));
  while (queue.length > 0) {
    const { text, index } = queue.shift()!;
    if (text === "--") {
      tokens.push({ kind: "option-terminator", index });
      for (const rest of queue.splice(0)) tokens.push({ kind: "positional", index: rest.index, value: rest.text });
    } else if (/^-[^-]$/.test(text)) {
      pushOption(longName(text[1]!, options), text, undefined, index);
    } else if (/^-[^-]./.test(text)) {
      const name = longName(text[1]!, options);
      if (options[name]?.type === "string") pushOption(name, text.slice(0, 2), text.slice(2), index);
      // A group: -ab means -a -b, up to the first that takes a value.
      else queue.unshift(...expandGroup(text, index, options));
    } else if (/^--[^=]+=/s.test(text)) {
      const equals = text.indexOf("=");
      pushOption(text.slice(2, equals), text.slice(0, equals), text.slice(equals + 1), index);
    } else if (/^--./s.test(text)) {
      pushOption(text.slice(2), text, undefined, index);
    } else {
      tokens.push({ kind: "positional", index, value: text });
    }
  }
  return tokens;

  function pushOption(name: string, rawName: string, inline: string | undefined, index: number): void {
    let value = inline;
    if (inline === undefined && options[name]?.type === "string" && queue.length > 0) value = queue.shift()!.text;
    const inlineValue = value === undefined ? undefined : inline !== undefined;
    tokens.push({ kind: "option", name, rawName, index, value, inlineValue });
  }
}

function expandGroup(text: string, index: number, options: Options): { text: string; index: number }[] {
  const parts: { text: string; index: number }[] = [];
  for (let i = 1; i < text.length; ++i) {
    const isLast = i === text.length - 1;
    if (options[longName(text[i]!, options)]?.type === "string" && !isLast) {
      parts.push({ text: `-${text.slice(i)}`, index });
      break;
    }
    parts.push({ text: `-${text[i]}`, index });
  }
  return parts;
}

function storeOption(
  token: Token, values: Record<string, any>, options: Options, strict: boolean, positionals: boolean, negative: boolean,
): void {
  let name = token.name!;
  let value: unknown = token.value ?? true;
  if (negative && token.value === undefined && name.startsWith("no-") && !Object.hasOwn(options, name)) {
    name = name.slice(3);
    value = false;
  }
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (strict) checkUse(token, name, option, value, positionals);
  if (name === "__proto__") return;
  if (option?.multiple) (values[name] ??= []).push(value);
  else values[name] = value;
}

function checkUse(token: Token, name: string, option: Option | undefined, value: unknown, positionals: boolean): void {
  if (option === undefined) {
    const hint = positionals
      ? ". To specify a positional argument starting with a '-', place it at the end of the command after '--', " +
        `as in '-- "${token.rawName}"`
      : "";
    throw codedError(TypeError, "ERR_PARSE_ARGS_UNKNOWN_OPTION", `Unknown option '${token.rawName}'${hint}`);
  }
  const shown = `${option.short ? `-${option.short}, ` : ""}--${name}`;
  let problem = "";
  if (option.type === "string" && typeof value !== "string") {
    problem = `Option '${shown} <value>' argument missing`;
  } else if (option.type === "boolean" && typeof value === "string") {
    problem = `Option '${shown}' does not take an argument`;
  } else if (option.type === "string" && !token.inlineValue && /^-./.test(token.value!)) {
    const long = `'--${name}=-XYZ'`;
    const example = token.rawName!.startsWith("--") ? long : `${long} or '${token.rawName}-XYZ'`;
    problem = `Option '${token.rawName}' argument is ambiguous.\nDid you forget to specify the option argument for ` +
      `'${token.rawName}'?\nTo specify an option argument starting with a dash use ${example}.`;
  }
  if (problem) throw codedError(TypeError, "ERR_PARSE_ARGS_INVALID_OPTION_VALUE", problem);
}

function unexpectedPositional(value: string): Error {
  const message = `Unexpected argument '${value}'. This command does not take positional arguments`;
  return codedError(TypeError, "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL", message);
}
