// node:path: on the platform it is path.posix.

import * as posixFunctions from "./path_posix";
import * as win32Functions from "./path_win32";

export const win32: any = { ...win32Functions, _makeLong: win32Functions.toNamespacedPath };
export const posix: any = { ...posixFunctions, _makeLong: posixFunctions.toNamespacedPath };
for (const each of [posix, win32]) Object.assign(each, { posix, win32 });

export {
  basename, delimiter, dirname, extname, format, isAbsolute, join, matchesGlob, normalize, parse, relative, resolve,
  sep, toNamespacedPath,
} from "./path_posix";
export default posix;
