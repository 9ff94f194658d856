import type { CommandSpec, ParameterSpec } from '../command.ts';

const UNITS: ParameterSpec = {
  name: 'units',
  summary: 'names, aliases, or patterns such as demo.*',
  optional: true,
  variadic: true,
  complete: 'unit',
};

const init: CommandSpec = {
  name: 'session init',
  summary: 'Make the folders of a session here, or in a directory',
  parameters: [{ name: 'directory', optional: true, complete: 'directory' }],
  examples: [{ line: 'restage session init', says: 'In the workspace; makes one here if there is none' }],
  load: async () => (await import('../commands/session/init.ts')).runSessionInit,
};

const start: CommandSpec = {
  name: 'session start',
  summary: 'Start units, and declare one by what is typed',
  parameters: [UNITS],
  rest: 'argv',
  options: [
    { flags: '--uri <uri>', summary: 'declare and start exec://localhost/PATH?ARGUMENT&KEY=VALUE' },
    { flags: '--alias <alias>', summary: 'a second name of your own' },
    { flags: '--restart <when>', summary: '0, 1, on-failure, unless-stopped (0)' },
    { flags: '--shutdown <01>', summary: 'whether deactivate stops it (1)', choices: ['0', '1'] },
    { flags: '--cwd <dir>', summary: 'its working directory (the workspace)', complete: 'directory' },
    { flags: '--env <key=value...>', summary: 'variables of its own' },
    { flags: '--env-file <file...>', summary: 'files of KEY=VALUE lines, read at each start', complete: 'file' },
    { flags: '--inherit <what>', summary: 'variables taken over now: minimal, all, or LD_*,PYTHON* (minimal)' },
  ],
  examples: [
    { line: 'restage session start --alias web -- python3 -m http.server 8080', says: 'Declare a unit and start it' },
    { line: 'restage session start --uri "exec://localhost/usr/bin/sleep?60"', says: 'The same by a URI' },
    { line: 'restage session start "demo.*"', says: 'Start declared units; those that run stay as they are' },
  ],
  load: async () => (await import('../commands/session/start.ts')).runSessionStart,
};

const stop: CommandSpec = {
  name: 'session stop',
  summary: 'Stop units with all that belongs to them',
  parameters: [UNITS],
  options: [{ flags: '--all', summary: 'every unit of the session' }],
  examples: [
    { line: 'restage session stop web', says: 'TERM, and KILL for what lives on after 10 s' },
    { line: 'restage session stop --all', says: 'The whole session' },
  ],
  load: async () => (await import('../commands/session/stop.ts')).runSessionStop,
};

const show: CommandSpec = {
  name: 'session show',
  summary: 'Show units and what runs of them',
  parameters: [UNITS],
  options: [{ flags: '--fp', summary: 'with their fingerprints' }],
  examples: [
    { line: 'restage session show', says: 'All units' },
    { line: 'restage session show web --fp', says: 'One of them, with what is measured of its process' },
  ],
  load: async () => (await import('../commands/session/show.ts')).runSessionShow,
};

const logs: CommandSpec = {
  name: 'session logs',
  summary: 'Show what units printed, secrets masked',
  parameters: [UNITS],
  options: [
    { flags: '--out', summary: 'standard output only' },
    { flags: '--err', summary: 'standard error only' },
    { flags: '--lines <count>', summary: 'so many of the last lines of each (50)' },
    { flags: '-f, --follow', summary: 'go on with what is printed from now on' },
  ],
  examples: [
    { line: 'restage session logs web', says: 'The last 50 lines of each stream' },
    { line: 'restage session logs web --err --follow', says: 'Errors, as they come' },
  ],
  load: async () => (await import('../commands/session/logs.ts')).runSessionLogs,
};

/** The commands of the session. */
export const SESSION_COMMANDS: readonly CommandSpec[] = [init, start, stop, show, logs];
