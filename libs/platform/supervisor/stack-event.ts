/** What happens to the processes of a stack. */
export type StackEvent =
  | { readonly type: 'postgres-started'; readonly pid: number }
  | { readonly type: 'postgres-exited'; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly type: 'service-started'; readonly name: string; readonly pid: number }
  | { readonly type: 'service-ready'; readonly name: string }
  | {
      readonly type: 'service-exited';
      readonly name: string;
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
      /** True while the stack stops. */
      readonly expected: boolean;
    }
  /** Something that the supervisor tries again, or that ends with the stack. */
  | { readonly type: 'failure'; readonly what: string; readonly error: Error };
