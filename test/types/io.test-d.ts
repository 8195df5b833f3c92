import { io, nn, optim, type Tensor, train } from '../../lib';

declare const x: Tensor;
declare const writer: io.SummaryWriter;

writer.addScalar('a', 1, { globalStep: 3, newStyle: true });
writer.addScalar('a', x);
// @ts-expect-error a text is no number
writer.addScalar('a', '1');
// @ts-expect-error the step is an option
writer.addScalar('a', 1, 3);
writer.addScalars('a', { b: 1, c: x });
writer.addHistogram('a', x, { bins: 'tensorflow', maxBins: null });
writer.addHistogram('a', x, { bins: [0, 1] });
// @ts-expect-error numpy's rules for the number of bins are not here
writer.addHistogram('a', x, { bins: 'auto' });
// @ts-expect-error texts have no dimensions
writer.addText('a', 'b', { dataformats: 'CHW' });

io.saveImage([x, x], 'x.png', { nrow: 2, compressionLevel: 9, valueRange: [0, 1] });
io.makeGrid(x).add(1);
// @ts-expect-error a range has two ends
io.makeGrid(x, { valueRange: [0] });
// @ts-expect-error a grid is not compressed
io.makeGrid(x, { compressionLevel: 9 });
io.encodePng(x).toString('base64');

// What a trainer tells is what logs take.
const model = new nn.Linear(1, 1);
for (const log of [new io.CsvLog('x'), new io.JsonlLog('x', { purgeStep: 3 })])
  new train.Trainer({ model, optimizer: new optim.SGD(model.parameters(), { lr: 1 }), loss: (y: Tensor) => y, onLog: log.append });
// @ts-expect-error values are numbers
new io.CsvLog('x').append({ step: 1, epoch: 1, values: { a: 'b' } });
