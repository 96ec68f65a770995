import type { Clock, Timer } from '../../../kit/clock.ts';
import type { KeptAnswer, Participant, Participation } from '../contract.ts';
import { claimMsMax } from './limits.ts';

export interface RemoteRequestHost {
  /** Tells the member. */
  go(): void;
  hit(answer: KeptAnswer): void;
  /** It was told to go and has said nothing since. */
  expired(): void;
}

/** A flight of another member, as a participant of this node's. */
export class RemoteRequest implements Participant {
  readonly isRemote = true;
  place: Participation | undefined;
  readonly #clock: Clock;
  readonly #host: RemoteRequestHost;
  #lease: Timer | undefined;

  constructor(clock: Clock, host: RemoteRequestHost) {
    this.#clock = clock;
    this.#host = host;
  }

  lead(): void {
    this.leads();
    this.#host.go();
  }

  serve(answer: KeptAnswer): void {
    this.#host.hit(answer);
  }

  /** Others may yet ask its member. */
  deserted(): void {}

  /** It asks the upstream; a member that says nothing more does not hold up those who wait for ever. */
  leads(): void {
    this.#lease = this.#clock.after(claimMsMax, () => this.#host.expired());
  }

  end(): void {
    this.#lease?.cancel();
    this.#lease = undefined;
  }
}
