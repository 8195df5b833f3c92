/** Recurrent layers. */

export type { RecurrentOptions } from './base';
export { GRUCell, LSTMCell, RNNCell, type RNNCellOptions } from './cells';
export { GRU } from './gru';
export { LSTM, type LSTMOptions, type LSTMState } from './lstm';
export { RNN, type RNNOptions } from './rnn';
