// HTMLRewriter's reader. Token kinds are those of the Go package html; a record
// is a token as rewriter/records.ts has it.
export interface RewriterHost {
  // Throws what is wrong with a selector.
  rewriterSelector(selector: string): void;
  // Begins to read. Selectors may be "", which stands for the document; wants
  // says which of "element comments text doctype" each part asks for.
  rewriterOpen(selectors: string[], wants: string[], charset: string): number;
  // Reads bytes, the last ones with end, and answers records. Then the reader is gone.
  rewriterFeed(reader: number, bytes: ArrayBufferView | undefined, end: boolean): unknown[][];
  // UTF-8 in the charset of the document.
  rewriterEncode(reader: number, bytes: ArrayBufferView): ArrayBuffer;
  rewriterClose(reader: number): void;
}
