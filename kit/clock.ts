export interface Timer {
  cancel(): void;
}

/** All time in the product comes through here, so that a simulator can hold it. */
export interface Clock {
  /** Wall time, milliseconds since the Unix epoch. May jump. */
  nowMs(): number;
  /** Never goes back; fractional milliseconds from an arbitrary origin. */
  monotonicMs(): number;
  /** Calls `action` once after `delayMs`; the timer does not keep the process alive. */
  after(delayMs: number, action: () => void): Timer;
  /** Calls `action` every `periodMs` until cancelled; does not keep the process alive. */
  every(periodMs: number, action: () => void): Timer;
  /** Resolves after `delayMs`; rejects with the signal's reason when aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

class SystemTimer implements Timer {
  readonly #cancel: () => void;
  constructor(cancel: () => void) {
    this.#cancel = cancel;
  }
  cancel(): void {
    this.#cancel();
  }
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, action) {
    const handle = setTimeout(action, delayMs);
    handle.unref();
    return new SystemTimer(() => clearTimeout(handle));
  },
  every(periodMs, action) {
    const handle = setInterval(action, periodMs);
    handle.unref();
    return new SystemTimer(() => clearInterval(handle));
  },
  sleep(delayMs, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        clearTimeout(handle);
        reject(signal?.reason);
      };
      const handle = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, delayMs);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  },
};
