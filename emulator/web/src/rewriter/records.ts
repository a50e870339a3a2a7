// What the reader tells, as it comes from Go.

export const enum Kind {
  Failure = -1,
  Raw = 0,
  Start,
  End,
  Text,
  Comment,
  Doctype,
}

/** Name, value and source of each attribute in turn. */
type AttributeParts = string[];

export type RawRecord = [kind: Kind.Raw, bytes: ArrayBuffer];
export type StartRecord = [
  kind: Kind.Start, parts: number[], bytes: ArrayBuffer, name: string, attributes: AttributeParts, closed: boolean,
  hasContent: boolean, namespace: string, element: number,
];
export type EndRecord = [kind: Kind.End, bytes: ArrayBuffer, name: string, ends: number[]];
export type TextRecord = [kind: Kind.Text, parts: number[], text: string, last: boolean];
export type CommentRecord = [kind: Kind.Comment, parts: number[], bytes: ArrayBuffer, text: string];
export type DoctypeRecord = [
  kind: Kind.Doctype, parts: number[], bytes: ArrayBuffer, name: string | null, publicId: string | null, systemId: string | null,
];
export type FailureRecord = [kind: Kind.Failure, message: string];

export type Record_ = RawRecord | StartRecord | EndRecord | TextRecord | CommentRecord | DoctypeRecord | FailureRecord;
