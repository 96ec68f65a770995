/** Whether an attempt's outcome is somebody's failure: neither success nor a client that left. */
export function isFailure(outcome: string): boolean {
  return outcome !== 'ok' && outcome !== 'abandoned';
}
