/** How often a property is tried: `usual` times in the tests, FC_RUNS times as often where somebody asks for it. */
export const runs = (usual: number): { readonly numRuns: number } => ({
  numRuns: usual * Number(process.env['FC_RUNS'] ?? 1),
});
