const { globSync } = require('node:fs');
const { dirname } = require('node:path');

/** Which folder may import which: as values, and with `import type` only. The whole architecture is this table. */
const MAY_IMPORT = {
  model: {},
  platform: { value: ['model'] },
  store: { value: ['model'], type: ['platform'] },
  nodes: { value: ['model'], type: ['store', 'platform', 'snapshot/layer[.]ts'] },
  environment: { value: ['model'], type: ['store', 'platform', 'snapshot/layer[.]ts'] },
  session: { value: ['model'], type: ['store', 'platform', 'snapshot/layer[.]ts'] },
  data: { value: ['model'], type: ['store', 'platform', 'snapshot/layer[.]ts'] },
  snapshot: { value: ['model'], type: ['store', 'platform'] },
  service: { value: ['model', 'snapshot'], type: ['store', 'platform'] },
  cli: { value: ['model', 'snapshot', 'service/client[.]ts'] },
  web: { type: ['model'] },
};
/** Modules of Node that only compute. Every other one is an effect. */
const PURE_NODE =
  'assert|buffer|crypto|events|path(/posix)?|stream(/(consumers|promises))?|string_decoder|url|util|zlib';
/** Packages that only compute. Every other one has effects, or wants a decision. */
const PURE_NPM = [
  ...['commander', 'zod', 'yaml', 'modern-tar', 'hono', '@hono/zod-openapi'],
  ...['@marcbachmann/cel-js', 'semver', 'packageurl-js', '@cyclonedx/cyclonedx-library'],
];
/** A folder with a `list.ts` is a folder of drivers. */
const DRIVERS = globSync('src/*/*/list.ts').map(dirname).join('|');
/** Composition roots: of the command, of the agent inside a node, of what `import … from 'restage'` gives. */
const ROOTS = '(main|agent|library)[.]ts';
const WITH_EFFECTS = `^src/(${ROOTS}$|platform/|web/)`;

const rule = (name, from, to) => ({ name, severity: 'error', from, to });
const among = (entries) =>
  `^src/(${entries.map((entry) => (entry.endsWith('ts') ? `${entry}$` : `${entry}/`)).join('|')})`;

const borders = Object.entries(MAY_IMPORT).flatMap(([folder, { value = [], type = [] }]) => {
  const from = { path: `^src/${folder}/` };
  const near = [folder, 'errors[.]ts'];
  return [
    rule(`${folder}-imports`, from, { path: '^src/', pathNot: among([...near, ...value, ...type]) }),
    ...type.map((other) =>
      rule(`${folder}-imports-${other}-as-types-only`, from, {
        path: among([other]),
        dependencyTypesNot: ['type-only'],
      }),
    ),
  ];
});

module.exports = {
  forbidden: [
    ...borders,
    rule(
      'folder-is-in-the-table',
      { path: '^src/', pathNot: among([ROOTS, 'errors[.]ts', ...Object.keys(MAY_IMPORT)]) },
      {},
    ),
    rule('roots-are-imported-by-nothing', {}, { path: `^src/${ROOTS}$` }),
    rule('errors-import-nothing', { path: '^src/errors[.]ts$' }, { path: '.' }),
    // What two drivers share goes into the root of their wing.
    rule(
      'no-driver-imports-driver',
      { path: `^(${DRIVERS})/([^/.]+)`, pathNot: '/(list|contract)[.]ts$' },
      { path: `^(${DRIVERS})/`, pathNot: '^$1/$2([./]|$)|/contract[.]ts$' },
    ),
    rule(
      'effects-come-in-as-arguments',
      { path: '^src/', pathNot: WITH_EFFECTS },
      {
        dependencyTypes: ['core'],
        pathNot: `^(node:)?(${PURE_NODE})$`,
      },
    ),
    rule(
      'packages-with-effects-only-in-platform',
      { path: '^src/', pathNot: WITH_EFFECTS },
      {
        dependencyTypes: ['npm', 'npm-optional', 'npm-peer'],
        pathNot: `node_modules/(${PURE_NPM.join('|').replaceAll('.', '[.]')})/`,
      },
    ),
    rule('package-is-declared', {}, { dependencyTypes: ['npm-no-pkg', 'unknown'] }),
    rule('no-dev-dependency', { path: '^src/', pathNot: '^src/web/' }, { dependencyTypes: ['npm-dev'] }),
    rule('no-test-in-src', { path: '^src/' }, { path: '^test/' }),
    rule('no-cycles', {}, { circular: true }),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
