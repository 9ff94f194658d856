import type { InitReport, LogLine, ShowReport, StartReport, StopReport } from '../../../model/session-report.ts';
import type { LogsRequest, ShowRequest, StartRequest, StopRequest } from '../../../model/session-request.ts';

/** What the commands of this wing need of it; `main.ts` hands it in. */
export interface SessionCommands {
  readonly kind: 'session';
  /** Makes the folders and files of a session; repeatable, overwrites nothing. */
  init(): Promise<InitReport>;
  /** Starts units; `directory` is where it was typed. */
  start(request: StartRequest & { readonly directory: string }): Promise<StartReport>;
  /** Stops units with all that belongs to them. */
  stop(request: StopRequest): Promise<StopReport>;
  /** Looks at units; changes nothing. */
  show(request: ShowRequest): Promise<ShowReport>;
  /** The last lines that units printed, and with `follow` those that they will. */
  logs(request: LogsRequest): AsyncIterable<LogLine>;
}
