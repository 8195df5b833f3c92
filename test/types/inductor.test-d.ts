import { inductor, type Tensor } from '../../lib';

declare const x: Tensor;

const typed = inductor.aotiLoadPackage<(x: Tensor, named: { scale: Tensor }) => [Tensor, Tensor]>('model.pt2', { numRunners: 2 });
typed.run(x, { scale: x })[1].add(1);
typed.forward(x, { scale: x })[0].add(1);
// @ts-expect-error it takes a tensor
typed.run(1, { scale: x });
// @ts-expect-error it gives a pair
typed.run(x, { scale: x }).add(1);
typed.loadConstants({ 'a.weight': x }, { checkFullUpdate: true, useInactive: true });
// @ts-expect-error no such option
typed.loadConstants({}, { checkFull: true });
// @ts-expect-error no tensor
typed.loadConstants({ a: 1 });

const untyped = inductor.aotiLoadPackage('model.pt2');
untyped.run(x, [x, 1, null], { b: x }).add(1);
// @ts-expect-error nothing that a model takes
untyped.run(new Date());
// @ts-expect-error no such option
inductor.aotiLoadPackage('model.pt2', { runners: 1 });
const names: string[] = untyped.getConstantFqns();
const device: string | undefined = untyped.metadata.AOTI_DEVICE_KEY;
void [names, device];
