import type { CommandSpec } from '../command.ts';

/** The commands that belong to no layer. */
export const GENERAL_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'demo',
    summary: 'Save, wreck and put back a whole experiment in a temporary directory',
    examples: [{ line: 'restage demo', says: 'takes half a minute, needs no root and no hardware' }],
    load: async () => (await import('../commands/demo.ts')).runDemo,
  },
  {
    name: 'doctor',
    summary: 'Show what works here, what does not, and why',
    examples: [
      { line: 'restage doctor', says: 'a table of programs, store, layers and drivers' },
      { line: 'restage doctor --json', says: 'the same for scripts' },
    ],
    load: async () => (await import('../commands/doctor.ts')).runDoctor,
  },
  {
    name: 'config',
    summary: 'Show the configuration and where each value comes from',
    parameters: [{ name: 'name', summary: 'a section, or section.key', optional: true }],
    examples: [
      { line: 'restage config', says: 'every value and its origin' },
      { line: 'restage config undo.keep', says: 'one value' },
      { line: 'restage --set store.mirror=/backup config store', says: 'a value for this run only' },
    ],
    load: async () => (await import('../commands/config.ts')).runConfig,
  },
  {
    name: 'completion',
    summary: 'Print the completion script of a shell',
    parameters: [{ name: 'shell', summary: 'bash, zsh or fish', choices: ['bash', 'zsh', 'fish'] }],
    examples: [
      { line: 'source <(restage completion bash)', says: 'in ~/.bashrc' },
      { line: 'restage completion zsh > ~/.zfunc/_restage', says: 'a folder of $fpath' },
      { line: 'restage completion fish > ~/.config/fish/completions/restage.fish', says: 'for all fish shells' },
    ],
    load: async () => (await import('../commands/completion.ts')).runCompletion,
  },
  {
    name: 'links',
    summary: 'Make the other names of the program: restage-load, rhubarbe-load, snap and so on',
    parameters: [
      { name: 'directory', summary: 'where; beside restage itself if absent', optional: true, complete: 'directory' },
    ],
    plans: true,
    examples: [
      { line: 'restage links ~/bin', says: 'replaces nothing that is there' },
      { line: 'restage links --plan', says: 'the names' },
    ],
    load: async () => (await import('../commands/links.ts')).runLinks,
  },
];
