/** The schema of a FlexMetalServer: the one source of its types, its parser, the CRD and the reference in docs. */
export { FlexMetalServerSpec } from './spec.ts';
export { FlexMetalServerStatus, LedgerEntry } from './status.ts';
