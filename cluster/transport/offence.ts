/** A peer went past a limit, which ends its connection; the message says which one, without anything the peer sent. */
export class Offence extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Offence';
  }
}
