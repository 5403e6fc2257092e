import type { Mutant } from './mutant.ts';

const ASKING = 'src/core/server/asking.ts';
const CLASSIFY = 'src/flexmetal/classify.ts';
const FACTS = 'src/core/server/facts.ts';

/** What is concluded from what is seen, and what is not. */
export const BELIEVING: readonly Mutant[] = [
  {
    name: 'refused-token-sees-nothing',
    breaks: '401 and 403 are read as: there is nothing, by lists and by single reads',
    patches: [
      {
        file: CLASSIFY,
        from: '  if (result.status !== 200) return unreadable(failureOf(result, reading));\n  const body',
        to: "  if (isCredentials(result.status)) return { kind: 'page', readings: [], apiDate: apiDateOf(result) };\n  if (result.status !== 200) return unreadable(failureOf(result, reading));\n  const body",
      },
      {
        file: CLASSIFY,
        from: '  if (result.status === 404 && readError(',
        to: "  if (isCredentials(result.status)) return { kind: 'notFound' };\n  if (result.status === 404 && readError(",
      },
    ],
    expected: ['S4', 'L3'],
    scenarios: ['credentials fail and come back'],
    caughtBy: { scenario: 'credentials fail and come back', seed: 1, faults: [] },
  },
  {
    name: 'empty-list-believed',
    breaks: 'a server that one list does not show is gone, also when the list is empty: no single read, no second list',
    patches: [
      {
        file: ASKING,
        from: "  if (enough && provedAbsentSince(s, lastNotFound, ({ servers }) => servers.has(uuid))) return { kind: 'gone' };",
        to: "  if (missedByListing) return { kind: 'gone' };",
      },
    ],
    expected: ['S4', 'L3'],
    scenarios: ['delete while provisioning', 'delete while ordering', 'deliver'],
    caughtBy: { scenario: 'delete while provisioning', seed: 1, faults: [] },
  },
  {
    name: 'single-404-is-gone',
    breaks: 'a server that one list does not show and one read does not find is gone',
    patches: [
      {
        file: ASKING,
        from: "  if (enough && provedAbsentSince(s, lastNotFound, ({ servers }) => servers.has(uuid))) return { kind: 'gone' };",
        to: "  if (lastNotFound !== undefined) return { kind: 'gone' };",
      },
    ],
    expected: ['S4', 'L3'],
    scenarios: ['single reads lag as lists do'],
    caughtBy: { scenario: 'single reads lag as lists do', seed: 1, faults: [] },
  },
  {
    name: 'page-shift-ignored',
    breaks: 'a list whose pages moved while it was read counts as whole',
    patches: [
      {
        file: 'src/flexmetal/listing.ts',
        from: '    if (page > 1 && !read.records.some(({ uuid }) => seam.includes(uuid))) return incomplete(MOVED);\n',
        to: '',
      },
    ],
    expected: ['S1'],
    scenarios: ['pages move for long after an unclear order'],
    caughtBy: { scenario: 'pages move for long after an unclear order', seed: 1, faults: [] },
  },
  {
    name: 'name-instead-of-uid',
    breaks: 'a server belongs to the object whose namespace and name it carries, whatever uid and cluster',
    patches: [
      {
        file: FACTS,
        from: '(latestListing(s)?.byUid.get(s.object.uid) ?? []).map(',
        to: '(latestListing(s)?.byObject.get(objectHash(s.object.namespace, s.object.name)) ?? []).map(',
      },
      {
        file: FACTS,
        from: '    .filter((server) => readMarks(server.tags).uids.includes(s.object.uid));',
        to: '    .filter((server) => readMarks(server.tags).objects.includes(objectHash(s.object.namespace, s.object.name)));',
      },
      {
        file: FACTS,
        from: '  readMarks(server.tags).uids.filter((uid) => uid !== s.object.uid);',
        to: '  [];',
      },
      {
        file: FACTS,
        from: '  if (readMarks(server.tags).uids.includes(s.object.uid)) return true;',
        to: '  if (readMarks(server.tags).objects.includes(objectHash(s.object.namespace, s.object.name))) return true;',
      },
    ],
    expected: ['L1'],
    scenarios: ['restore from a backup', 'recreate'],
    caughtBy: { scenario: 'restore from a backup', seed: 1, faults: [] },
  },
  {
    name: 'account-swap-ignored',
    breaks: "the lists of another account's token prove that a server is not there",
    patches: [
      {
        file: FACTS,
        from: '  if (sameAccount(s.account.account, entry.account)) return',
        to: '  if (entry.account.baseUrl !== undefined) return',
      },
      {
        file: FACTS,
        from: '  if (!viewIsOfThisAccount(s)) return false;\n',
        to: '',
      },
    ],
    expected: ['S1'],
    scenarios: ['another account while unclear, and back'],
    caughtBy: { scenario: 'another account while unclear, and back', seed: 1, faults: [] },
  },
];
