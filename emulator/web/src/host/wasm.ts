// Numbers stand for modules, for owners (what is freed together), and for
// externs: functions, tables, memories, globals and tags. Values cross in the
// slots, eight bytes each. Failures are thrown as errors that are named after
// their class.

export interface WasmHost {
  // Compiles a module of the Worker; answers a description as JSON, or undefined
  // when there is none of that name.
  wasmLoad(name: string): string | undefined;
  wasmCompile(bytes: ArrayBuffer | ArrayBufferView): string;
  wasmValidate(bytes: ArrayBuffer | ArrayBufferView): boolean;
  wasmSections(module: number, name: string): ArrayBuffer[];
  wasmForget(module: number): void;
  wasmSlots(): ArrayBuffer;
  // Links a module; imports lists an extern for each import, or 0 for a function
  // that the entry wasmImport calls. The externs of its exports have the numbers
  // from first on.
  wasmInstantiate(module: number, instance: number, imports: string): [owner: number, first: number];
  // Runs the start function of an instance, if there is one.
  wasmStart(owner: number): Failed;
  wasmCall(extern: number): Failed;
  wasmDrop(owner: number): void;
  // The references to values of scripts that tables and globals hold.
  wasmHeld(): number[];

  // Makes something of no instance, of a type as JSON.
  wasmDefine(type: string): [owner: number, extern: number];
  wasmBuffer(extern: number): ArrayBuffer;
  // Answers the size before, in pages, or -1.
  wasmGrow(extern: number, pages: number): number;
  wasmGlobalGet(extern: number): void;
  wasmGlobalSet(extern: number): void;
  wasmTableGet(extern: number, index: number): void;
  wasmTableSet(extern: number, index: number): void;
  wasmTableGrow(extern: number, by: number): number;
  wasmTableSize(extern: number): number;
  // Puts the reference to a function into the first slot.
  wasmRef(extern: number): void;
  // Finds out what the reference in the first slot is.
  wasmFunctionOf(): [owner: number, extern: number, signature: string];
}

// Failed is true when an imported function threw, which is to be thrown again.
export type Failed = true | undefined;
