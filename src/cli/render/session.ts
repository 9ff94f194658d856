import type {
  DefinitionFlaw,
  InitReport,
  LogLine,
  ShowReport,
  StartedUnit,
  StartReport,
  StoppedUnit,
  StopReport,
  UnitView,
} from '../../model/session-report.ts';
import { columnsText } from './columns.ts';
import { countText, spanText } from './quantity.ts';
import { printable, tableText } from './table.ts';

/** `created session in .  bin db err etc exit fp out pid run`. */
export function sessionInitText({ workspace, folders, found }: InitReport): string {
  const made = folders.filter((folder) => !found.includes(folder));
  return made.length === 0
    ? `the session in ${workspace} is there already`
    : `created session in ${workspace}  ${made.join(' ')}`;
}

/** One line for each unit: `yellow-panda  master.tws  running  pid 12814`. */
export function startText({ units }: StartReport): string {
  return columnsText(units.map((unit) => [unit.name, unit.alias ?? '-', ...startCells(unit)]));
}

/** What a person should know about a start that is no result of it. */
export function startNotes({ units }: StartReport): readonly string[] {
  return units.flatMap(({ name, alias, secrets, restart, outcome }) => {
    const unit = alias ?? name;
    const kept = secrets.map((secret) => {
      return `note: ${secret.slice(unit.length + 1)} kept in etc/secrets.yaml (0600) as \${secret:${secret}}`;
    });
    const watches = restart !== 'no' && outcome !== 'already-running';
    const policy = restart === 'always' ? '--restart 1' : `--restart ${restart}`;
    return [
      ...kept,
      ...(watches
        ? [`note: ${policy} of ${unit} is recorded; nobody watches yet, so it is not started again by itself`]
        : []),
    ];
  });
}

/** One line for each unit: `yellow-panda  master.tws  stopped  pid 12814`. */
export function stopText({ units }: StopReport): string {
  if (units.length === 0) return 'no unit is declared';
  return columnsText(units.map((unit) => [unit.name, unit.alias ?? '-', ...stopCells(unit)]));
}

/** A table of all units, with fingerprints below where they were asked for. */
export function showText({ units }: ShowReport): string {
  if (units.length === 0) return 'no unit is declared';
  const rows = units.map((unit) => [
    ...[unit.name, unit.alias ?? '-', unit.status, unit.pid === null ? '-' : String(unit.pid)],
    ...[
      unit.uptime === null ? '-' : spanText(unit.uptime),
      unit.restart === 'always' ? '1' : unit.restart === 'no' ? '0' : unit.restart,
    ],
    remarkOf(unit),
  ]);
  const table = tableText(['name', 'alias', 'status', 'pid', 'uptime', 'restart', ''], rows);
  return [table.replace(/ +$/gm, ''), ...units.flatMap(fingerprintLines)].join('\n');
}

/** `etc/x.yaml:4 restart is none of …`. */
export function flawText({ file, line, why }: DefinitionFlaw): string {
  return `flaw: ${line === undefined ? file : `${file}:${line}`} ${why}`;
}

/** A line as the unit printed it; with the unit and `!` for stderr in front where there are several. */
export function logLineText({ name, alias, stream, line }: LogLine, hasPrefix: boolean): string {
  return hasPrefix ? `${alias ?? name}${stream === 'err' ? ' !' : ' |'} ${line}` : line;
}

function startCells({ outcome, pid, code, signal }: StartedUnit): readonly string[] {
  switch (outcome) {
    case 'started':
      return ['running', `pid ${pid ?? '?'}`];
    case 'already-running':
      return ['running', `pid ${pid ?? '?'}`, 'as before'];
    case 'died':
      return ['died', endText(code, signal), 'look at `restage session logs`'];
  }
}

function stopCells({ outcome, pid, processes }: StoppedUnit): readonly string[] {
  if (outcome === 'was-down') return ['down', 'as before'];
  return ['stopped', pid === null ? countText(processes, 'process') : `pid ${pid}`];
}

function endText(code: number | null, signal: string | null): string {
  return signal ?? (code === null ? 'nobody saw how' : `status ${code}`);
}

function remarkOf({ status, code, signal, host, others, edited }: UnitView): string {
  const left = others.length === 0 ? '' : `; ${others.join(', ')} of it live on`;
  if (status === 'exited') return endText(code, signal) + left;
  if (status === 'lost') return `nobody saw how it ended${left}`;
  if (status === 'unknown') return `${host ?? '?'} can tell`;
  if (status === 'ambiguous') return `may be ${others.join(' or ')}`;
  return edited ? 'edited since its start' : '';
}

function fingerprintLines({ name, alias, fingerprint }: UnitView): readonly string[] {
  if (!fingerprint) return [];
  const { cmdline, exe, cwd, uid, listen } = fingerprint;
  const sockets = listen.map(({ proto, addr, port }) => `${proto} ${addr}:${port === 0 ? 'any' : port}`);
  return [
    '',
    alias ?? name,
    columnsText(
      [
        ['cmdline', printable(cmdline.join(' '))],
        ['exe', exe ?? '?'],
        ['cwd', cwd ?? '?'],
        ['uid', String(uid ?? '?')],
        ['listen', sockets.length === 0 ? '-' : sockets.join(', ')],
      ],
      '  ',
    ),
  ];
}
