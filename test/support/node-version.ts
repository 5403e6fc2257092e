/** Stops with one clear sentence when the tests are started on a Node that cannot run them. */
export default function requireNode24(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 24) {
    throw new Error(
      `These tests need Node 24, this is ${process.version}. Start them through npm (npm test), which puts the project's own Node first on PATH.`,
    );
  }
}
