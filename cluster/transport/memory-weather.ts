/** How the network between memory transports behaves for every frame. All rates are probabilities of one frame. */
export interface NetworkWeather {
  readonly latencyMinMs: number;
  /** Of the exponential part on top of the minimum. */
  readonly latencyMeanMs: number;
  readonly latencyMaxMs: number;
  /** Frames that wait for a retransmission: they, and all behind them on their connection, come so much later. */
  readonly stallRate: number;
  readonly stallMaxMs: number;
  /** Worse than any TCP connection: frames that vanish, come twice, or overtake others of their connection. */
  readonly lossRate: number;
  readonly duplicationRate: number;
  readonly reorderRate: number;
}

export const calmWeather: NetworkWeather = {
  latencyMinMs: 0.1,
  latencyMeanMs: 0.2,
  latencyMaxMs: 5,
  stallRate: 0,
  stallMaxMs: 0,
  lossRate: 0,
  duplicationRate: 0,
  reorderRate: 0,
};
