import type { InitReport, LogLine, ShowReport, StartReport, StopReport } from '../model/session-report.ts';
import type { LogsRequest, ShowRequest, StartRequest, StopRequest } from '../model/session-request.ts';
import type { SessionContext } from './context.ts';
import { readLogs } from './logs.ts';
import { showUnits } from './show.ts';
import { startUnits } from './start.ts';
import { stopUnits } from './stop-units.ts';
import { initSession } from './workspace.ts';

/** What can be done with a session; the supervisor will answer the same calls. */
export interface Session {
  readonly kind: 'session';
  init(): Promise<InitReport>;
  /** `directory`: where it was typed, for paths that are relative. */
  start(request: StartRequest & { readonly directory: string }): Promise<StartReport>;
  stop(request: StopRequest): Promise<StopReport>;
  show(request: ShowRequest): Promise<ShowReport>;
  logs(request: LogsRequest): AsyncIterable<LogLine>;
}

/** Binds the session's calls to one workspace. */
export function createSession(context: SessionContext): Session {
  return {
    kind: 'session',
    init: () => initSession(context.paths, context.files),
    start: (request) => startUnits(request, context),
    stop: (request) => stopUnits(request, context),
    show: (request) => showUnits(request, context),
    logs: (request) => readLogs(request, context),
  };
}
