import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const CONTEXT = 'Take it from the context.';
const EFFECTS = `Date process performance fetch WebSocket EventSource crypto globalThis console
  setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate`.split(/\s+/);

export default defineConfig(
  { ignores: ['dist', 'node_modules', 'coverage'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'complexity': ['error', 20],
      'max-lines': ['error', 400],
      'max-depth': ['error', 3],
      'no-console': 'error',
      'no-restricted-exports': [
        'error',
        { restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true } },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector:
            ':matches(Program > VariableDeclaration, Program > ExportNamedDeclaration > VariableDeclaration) > VariableDeclarator > ArrowFunctionExpression.init',
          message: 'Write a function at top level.',
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/platform/**', 'src/{main,agent,library}.ts', 'src/web/**', 'src/model/time.ts'],
    rules: {
      'max-lines-per-function': ['error', 60],
      'no-restricted-globals': ['error', ...EFFECTS.map((name) => ({ name, message: CONTEXT }))],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: CONTEXT },
        { object: 'AbortSignal', property: 'timeout', message: CONTEXT },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'node:crypto', allowImportNames: ['createHash', 'createHmac', 'timingSafeEqual'] },
            { name: 'crypto', message: CONTEXT },
          ],
        },
      ],
    },
  },
  {
    // Scripts of the developers and benchmarks talk to a person directly.
    files: ['bench/**/*.ts', 'scripts/**/*.ts', 'test/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  { files: ['*.config.ts'], rules: { 'no-restricted-exports': 'off' } },
);
