import type { Log, LogFields } from '../../../kit/log.ts';
import { silentLog } from '../../../kit/log.ts';

/** A log that keeps its warnings. */
export class LogLines {
  readonly warnings: { readonly message: string; readonly fields: LogFields | undefined }[] = [];
  readonly log: Log = {
    ...silentLog,
    warn: (message, fields) => void this.warnings.push({ message, fields }),
    child: () => this.log,
  };
}
