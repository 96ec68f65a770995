/**
 * Every metric of the node: its name, help, labels and what bounds each label. Names without a comment are those that
 * users of the absorbed systems have on their dashboards; they never change.
 */
export interface MetricName {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Label names with the largest number of values each can take. */
  readonly labels: Readonly<Record<string, number>>;
}
