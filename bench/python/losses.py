"""One forward and backward of each loss, as a PyTorch user writes it from the paper or as its authors published it.

bench/typescript/losses.ts holds the same."""

import torch
import torch.nn.functional as F


def waves(shape, scale=2.0, phase=0.0):
    """Numbers without randomness, so that all languages have the same: scale * sin(0.7 i + phase)."""
    count = 1
    for size in shape:
        count *= size
    values = torch.sin(torch.arange(count, dtype=torch.float64) * 0.7 + phase) * scale
    return values.reshape(shape).float().requires_grad_()


def chirped(rows, features, phase=0.0):
    """Numbers without randomness and without a period: sin(0.001 i^2 + phase)."""
    places = torch.arange(rows * features, dtype=torch.float64)
    return torch.sin(places**2 * 0.001 + phase).reshape(rows, features).float().requires_grad_()


def classified(size):
    samples, classes = (32, 10) if size == 0 else (1024, 1000)
    return waves([samples, classes]), torch.arange(samples) * 7 % classes


def comp_sum(size):
    logits, labels = classified(size)
    tau = 1.5

    def loss():
        p = F.softmax(logits, dim=1).gather(1, labels.unsqueeze(1)).squeeze(1)
        return ((p ** (tau - 1) - 1) / (1 - tau)).mean()

    return [logits], loss


def generalized_cross_entropy(size):
    logits, labels = classified(size)
    q, k = 0.7, 0.1

    def loss():
        p = F.softmax(logits, dim=1).gather(1, labels.unsqueeze(1)).squeeze(1)
        return ((1 - p**q) / q).clamp(max=(1 - k**q) / q).mean()

    return [logits], loss


def margin_comp_sum(size):
    logits, labels = classified(size)
    rho = 2.0

    def loss():
        lead = logits.gather(1, labels.unsqueeze(1)) - logits
        return torch.log((1 - lead / rho).clamp(0, 1).sum(1)).mean()

    return [logits], loss


def tempered(size):
    """The same with a temperature for each sample; some of the labels are the prediction."""
    logits, labels = classified(size)
    even = torch.arange(len(labels)) % 2 == 0
    temperatures = (waves([len(labels)], scale=0.5).detach() + 1.5).requires_grad_()
    return logits, temperatures, torch.where(even, logits.argmax(1), labels)


def correctness_aware(size):
    logits, temperatures, labels = tempered(size)

    def loss():
        correct = (logits.argmax(1) == labels).float()
        confidence = F.softmax(logits / temperatures.unsqueeze(1), dim=1).max(1).values
        return ((confidence - correct) ** 2).mean()

    return [logits, temperatures], loss


def correctness_aware_balanced(size):
    logits, temperatures, labels = tempered(size)

    def loss():
        correct = (logits.argmax(1) == labels).float()
        accuracy = correct.mean()
        weights = torch.where(correct == 1, 1 - accuracy, accuracy)
        confidence = F.softmax(logits / temperatures.unsqueeze(1), dim=1).max(1).values
        return (weights * (confidence - correct) ** 2).sum() / weights.sum()

    return [logits, temperatures], loss


def smooth_adversarial_comp_sum(size):
    logits, labels = classified(size)
    attacked = waves(logits.shape, phase=0.3)
    nu = 0.3

    def loss():
        index = labels.unsqueeze(1)
        change = (attacked - attacked.gather(1, index)) - (logits - logits.gather(1, index))
        return (F.cross_entropy(logits, labels, reduction="none") + nu * change.norm(dim=1)).mean()

    return [logits, attacked], loss


def label_logits(logits, labels):
    return logits.gather(1, labels.unsqueeze(1))


def one_hot_margin(logits, labels, margin):
    return margin * (1 - F.one_hot(labels, logits.shape[1]).float())


def ldr_kl(size):
    logits, labels = classified(size)
    temperature = 10.0

    def loss():
        f = F.softplus(logits)
        f = f / f.sum(1, keepdim=True) * f.shape[1]
        q = f - label_logits(f, labels) + one_hot_margin(f, labels, 0.1)
        return (temperature * (torch.logsumexp(q / temperature, 1) - torch.log(torch.tensor(float(f.shape[1]))))).mean()

    return [logits], loss


def aldr_kl(size):
    logits, labels = classified(size)
    temperatures = torch.ones(logits.shape[0])
    alpha, t0 = 2.0, 1.0
    log_k = torch.log(torch.tensor(float(logits.shape[1])))

    def loss():
        f = logits / (logits.abs().sum(1, keepdim=True) / logits.shape[1])
        q = f - label_logits(f, labels) + one_hot_margin(f, labels, 0.1)
        with torch.no_grad():
            p = F.softmax(f / temperatures.unsqueeze(1), dim=1) + 1e-5
            p = p / p.sum(1, keepdim=True)
            t = t0 - t0 / (alpha * log_k) * (p * torch.log(p * p.shape[1])).sum(1)
        return (t * (torch.logsumexp(q / t.unsqueeze(1), 1) - log_k) - alpha * log_k / (2 * t0) * (t - t0) ** 2).mean()

    return [logits], loss


def crammer_singer(size):
    logits, labels = classified(size)
    return [logits], lambda: (logits - label_logits(logits, labels) + one_hot_margin(logits, labels, 1.0)).max(1).values.clamp(min=0).mean()


def weston_watkins(size):
    logits, labels = classified(size)

    def loss():
        return (logits - label_logits(logits, labels) + one_hot_margin(logits, labels, 1.0)).clamp(min=0).mean(1).mean()

    return [logits], loss


def normalized_cross_entropy(size):
    logits, labels = classified(size)

    def loss():
        log = F.log_softmax(logits, dim=1)
        return (log.gather(1, labels.unsqueeze(1)).squeeze(1) / log.sum(1)).mean()

    return [logits], loss


def asymmetric_unhinged(size):
    logits, labels = classified(size)
    a, q = 1.5, 0.9

    def loss():
        p = F.softmax(logits, dim=1).gather(1, labels.unsqueeze(1)).squeeze(1)
        return (((a - p) ** q - (a - 1) ** q) / q).mean()

    return [logits], loss


def symmetric_cross_entropy(size):
    logits, labels = classified(size)

    def loss():
        p = F.softmax(logits, dim=1).gather(1, labels.unsqueeze(1)).squeeze(1)
        return 0.5 * F.cross_entropy(logits, labels) + 0.5 * 4.0 * (1 - p).mean()

    return [logits], loss


def jensen_shannon(size):
    logits, labels = classified(size)
    w = 0.5

    def loss():
        p, e = F.softmax(logits, dim=1), F.one_hot(labels, logits.shape[1]).float()
        m = (w * e + (1 - w) * p).clamp(1e-7, 1).log()
        divergence = w * F.kl_div(m, e, reduction="none").sum(1) + (1 - w) * F.kl_div(m, p, reduction="none").sum(1)
        return (divergence / (-(1 - w) * torch.log(torch.tensor(1 - w)))).mean()

    return [logits], loss


def binary(size):
    count = 64 if size == 0 else 65536
    return waves([count]), (torch.arange(count) * 7 % 3 == 0).long()


def any_loss_f_beta(size):
    scores, labels = binary(size)

    def loss():
        y = labels.float()
        near = 1 / (1 + torch.exp(-5 * (torch.sigmoid(scores) - 0.5)))
        return 1 - 2 * (y * near).sum() / (y.sum() + near.sum())

    return [scores], loss


def any_loss_g_mean(size):
    scores, labels = binary(size)

    def loss():
        y = labels.float()
        near = 1 / (1 + torch.exp(-5 * (torch.sigmoid(scores) - 0.5)))
        n, positives, yes, both = y.shape[0], y.sum(), near.sum(), (y * near).sum()
        return 1 - torch.sqrt(both / positives * (n - positives - yes + both) / (n - positives))

    return [scores], loss


def ens_loss(size):
    scores, labels = binary(size)
    noise = waves(scores.shape, phase=0.5).detach()

    def loss():
        sign = 2 * labels.float() - 1
        margins = sign * scores
        with torch.no_grad():
            drawn = (-torch.exp(noise)).sort().values.clamp(min=-1)
            order = margins.argsort(stable=True)
            g = torch.empty_like(drawn)
            g[order] = drawn
            g = torch.where(margins > 1, g / margins, g) - 1e-6
        return (g * margins).mean()

    return [scores], loss


def binary_margin_focal(size):
    scores, labels = binary(size)

    def loss():
        ce = F.binary_cross_entropy_with_logits(scores, labels.float(), reduction="none")
        return ((1 - torch.exp(-ce)) ** 2 * ce).mean()

    return [scores], loss


def bagged(size):
    """Predictions of samples, the bags that they are in, and the bags' mean responses."""
    count, bags = (64, 16) if size == 0 else (65_536, 4096)
    return waves([count]), torch.arange(count) * 7 % bags, waves([bags], scale=0.5, phase=0.5).detach() + 0.5


def bag_means(values, bags, count):
    return torch.zeros(count).index_add(0, bags, values) / torch.bincount(bags, minlength=count)


def bag_level(size):
    predictions, bags, responses = bagged(size)
    return [predictions], lambda: F.mse_loss(bag_means(predictions, bags, len(responses)), responses)


def bag_level_logistic(size):
    predictions, bags, responses = bagged(size)

    def loss():
        sizes = torch.bincount(bags, minlength=len(responses))
        p = torch.zeros(len(responses)).index_add(0, bags, torch.sigmoid(predictions)) / sizes
        q = torch.zeros(len(responses)).index_add(0, bags, torch.sigmoid(-predictions)) / sizes
        return -(responses * p.log() + (1 - responses) * q.log()).mean()

    return [predictions], loss


def instance_level(size):
    predictions, bags, responses = bagged(size)
    return [predictions], lambda: F.mse_loss(predictions, responses[bags])


def instance_level_logistic(size):
    predictions, bags, responses = bagged(size)
    return [predictions], lambda: F.binary_cross_entropy_with_logits(predictions, responses[bags])


def interpolated_aggregate(size):
    predictions, bags, responses = bagged(size)
    rho = 0.3

    def loss():
        bag = F.mse_loss(bag_means(predictions, bags, len(responses)), responses)
        return (1 - rho) * bag + rho * F.mse_loss(predictions, responses[bags])

    return [predictions], loss


def within_bag_spread(size):
    predictions, bags, responses = bagged(size)
    return [predictions], lambda: F.mse_loss(predictions, bag_means(predictions, bags, len(responses))[bags])


def logistic_regression(size):
    count, width = (64, 20) if size == 0 else (20_000, 200)
    theta, features = waves([width]), waves([count, width], phase=0.5).detach()
    labels = (torch.arange(count) * 7 % 3 == 0).long() * 2 - 1
    return [theta], lambda: F.softplus(-labels.float() * (features @ theta)).mean()


def z_loss(size):
    logits, labels = classified(size)
    a, b = 2.0, 2.0

    def loss():
        std, mean = torch.std_mean(logits, dim=1, correction=0)
        target = logits.gather(1, labels.unsqueeze(1)).squeeze(1)
        z = (target - mean) / (std + 1e-12)
        return (F.softplus(a * (b - z)) / a).mean()

    return [logits], loss


def taylor_softmax(size):
    logits, labels = classified(size)

    def loss():
        terms = 1 + logits + logits**2 / 2
        return F.nll_loss(torch.log(terms / terms.sum(1, keepdim=True)), labels)

    return [logits], loss


def spherical_softmax(size):
    logits, labels = classified(size)

    def loss():
        terms = logits**2 + 1e-6
        return F.nll_loss(torch.log(terms / terms.sum(1, keepdim=True)), labels)

    return [logits], loss


def spherical_mse(size):
    logits, labels = classified(size)

    def loss():
        return F.mse_loss(logits, F.one_hot(labels, logits.size(1)).float(), reduction="none").sum(1).mean()

    return [logits], loss


def spherical_family(size):
    samples = classified(size)[0].size(0)
    target, sums = waves([samples]), waves([samples], phase=0.5)
    squares = (waves([samples], phase=1).detach() + 100).requires_grad_()

    def loss():
        mean = sums / 1000
        std = (squares / 1000 - mean**2).sqrt()
        return F.softplus(1 - (target - mean) / (std + 1e-12)).mean()

    return [target, sums, squares], loss


def embedded(size, phase=0.0):
    samples, dims = (32, 8) if size == 0 else (1024, 128)
    return waves([samples, dims], phase=phase), samples, dims


def weighted(size, many=1024):
    """Embeddings, weights for each class, and labels."""
    samples, dims, classes = (32, 8, 10) if size == 0 else (many, 128, 1000)
    return chirped(samples, dims), chirped(classes, dims, 0.5), torch.arange(samples) * 7 % classes


def sface(size):
    """As the authors compute it, with masks for the right class and for the others."""
    embeddings, weights, labels = weighted(size)
    k, a, b = 80.0, 0.87, 1.2

    def loss():
        cosines = F.linear(F.normalize(embeddings), F.normalize(weights))
        right = torch.zeros_like(cosines).scatter_(1, labels.unsqueeze(1), 1)
        own = (right * cosines).sum(1)
        others = (1 - right) * cosines
        with torch.no_grad():
            pull = 1 / (1 + torch.exp(-k * (torch.acos(own) - a)))
            push = 1 / (1 + torch.exp(k * (torch.acos(others) - b)))
        return 64 * ((push * others).sum(1) - pull * own).mean()

    return [embeddings, weights], loss


def pair_similarities(embeddings, labels):
    """Of all pairs i < j, those of one label and those of two."""
    unit = F.normalize(embeddings)
    i, j = torch.triu_indices(len(labels), len(labels), 1)
    similarities = (unit @ unit.T)[i, j]
    same = labels[i] == labels[j]
    return similarities[same], similarities[~same]


def box_and_whisker(similarities, whisker=1.5):
    ordered = similarities.sort().values
    low, high = ordered[len(ordered) // 4].detach(), ordered[3 * len(ordered) // 4].detach()
    reach = whisker * (high - low)
    return ordered[(ordered >= low - reach) & (ordered <= high + reach)]


def unpg(size):
    """As the authors compute it: negative pairs as more classes of every sample."""
    embeddings, weights, labels = weighted(size, 256)

    def loss():
        cosines = F.linear(F.normalize(embeddings), F.normalize(weights))
        cosines = cosines - torch.zeros_like(cosines).scatter_(1, labels.unsqueeze(1), 0.5)
        negative = box_and_whisker(pair_similarities(embeddings, labels)[1])
        both = torch.cat([cosines, negative.expand(len(labels), -1)], dim=1)
        return F.cross_entropy(64 * both, labels)

    return [embeddings, weights], loss


def metric_unpg(size):
    embeddings, _, _ = weighted(size)
    labels = torch.arange(len(embeddings)) // 4

    def loss():
        positive, negative = pair_similarities(embeddings, labels)
        negatives = torch.logsumexp(64 * box_and_whisker(negative), 0)
        return F.softplus(negatives - 64 * (positive - 0.1)).mean()

    return [embeddings], loss


def symmetry(size):
    left, samples, _ = embedded(size)
    right, _, _ = embedded(size, 1.0)
    rho = waves([samples], scale=0.5).detach() + 0.5

    def loss():
        distances = (F.normalize(left) - F.normalize(right)).square().sum(1)
        frontal = rho >= 0.8
        return (distances * rho * frontal).sum() / frontal.sum().clamp(min=1)

    return [left, right], loss


def ada_face(size):
    """As the authors compute it, angles of all classes among it."""
    embeddings, weights, labels = weighted(size)
    margin, h, eps = 0.4, 0.333, 1e-3

    def loss():
        lengths = embeddings.norm(dim=1, keepdim=True)
        cosines = F.linear(embeddings / lengths, F.normalize(weights)).clamp(eps - 1, 1 - eps)
        lengths = lengths.clamp(0.001, 100).detach()
        quality = (h * (lengths - lengths.mean()) / (lengths.std() + eps)).clamp(-1, 1)
        right = torch.zeros_like(cosines).scatter_(1, labels.unsqueeze(1), 1)
        angles = (torch.acos(cosines) - right * margin * quality).clamp(eps, torch.pi - eps)
        return F.cross_entropy(64 * (torch.cos(angles) - right * (margin + margin * quality)), labels)

    return [embeddings, weights], loss


def naive_bayes_logits(size):
    features, samples, dims = embedded(size)
    classes = 10 if size == 0 else 100
    means = waves([classes, dims], phase=1.0)
    variances = (waves([classes, dims], scale=0.4, phase=2.0).detach() + 1).requires_grad_()
    priors = torch.full([classes], 1 / classes)
    labels = torch.arange(samples) * 7 % classes

    def loss():
        squares = (features.unsqueeze(1) - means).pow(2) / variances
        logits = priors.log() - 0.5 * (squares + torch.log(2 * torch.pi * variances)).sum(-1)
        return F.cross_entropy(logits, labels)

    return [features, means, variances], loss


class RiemannianGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx, y, c):
        ctx.save_for_backward(y)
        ctx.c = c
        return y.clone()

    @staticmethod
    def backward(ctx, gradient):
        (y,) = ctx.saved_tensors
        return gradient * (1 - ctx.c * y.pow(2).sum(-1, keepdim=True)).pow(2) / 4, None


def exp_map(u, c):
    """At the origin."""
    norm = u.norm(dim=-1, p=2, keepdim=True).clamp_min(1e-15)
    return torch.tanh((c**0.5 * norm).clamp(max=15)) * u / (c**0.5 * norm)


def to_ball(x, c=0.1, radius=2.0, riemannian=True):
    norm = x.norm(dim=-1, p=2, keepdim=True) + 1e-5
    y = exp_map(x * torch.minimum(torch.ones_like(norm), radius / norm), c)
    most = (1 - 1e-3) / c**0.5
    size = y.norm(dim=-1, p=2, keepdim=True).clamp_min(1e-15)
    y = torch.where(size > most, y / size * most, y)
    return RiemannianGradient.apply(y, c) if riemannian else y


def gyroplanes(x, a, p, c=0.1):
    """As the authors' layer computes them, with the translated points of all classes in memory."""
    q = exp_map(p, c)
    normals = a * (1 - c * q.pow(2).sum(1, keepdim=True))
    inner = -q @ x.t()
    q2, x2 = q.pow(2).sum(-1, keepdim=True), x.pow(2).sum(-1, keepdim=True).t()
    top = (1 + 2 * c * inner + c * x2).unsqueeze(2) * -q.unsqueeze(1) + (1 - c * q2).unsqueeze(2) * x.unsqueeze(0)
    z = top / (1 + 2 * c * inner + c**2 * q2 * x2).unsqueeze(2)
    size = normals.norm(dim=1)
    share = 2 * c**0.5 * (z * normals.unsqueeze(1)).sum(-1) / (size.unsqueeze(1) * (1 - c * z.pow(2).sum(2)))
    factor = 2 / (1 - c * q.pow(2).sum(1)) * size / c**0.5
    return (factor.unsqueeze(1) * torch.asinh(share)).t()


def taught(size):
    """Logits of a student and of its teacher, and labels."""
    logits, labels = classified(size)
    return logits, waves(list(logits.shape), phase=1.0).detach(), labels


def distillation_kl_of(logits, teacher, t=4):
    return F.kl_div(F.log_softmax(logits / t, dim=1), F.softmax(teacher / t, dim=1), reduction="batchmean") * t**2


def distillation_kl(size):
    logits, teacher, _ = taught(size)
    return [logits], lambda: distillation_kl_of(logits, teacher)


def knowledge_distillation(size):
    logits, teacher, labels = taught(size)
    return [logits], lambda: 0.5 * distillation_kl_of(logits, teacher) + 0.5 * F.cross_entropy(logits, labels)


def feature_distillation(size):
    features, teacher, _ = taught(size)
    return [features], lambda: F.mse_loss(F.normalize(features), F.normalize(teacher))


def clamped(logits):
    return torch.sigmoid(logits).clamp(1e-8, 1 - 1e-8)


def bernoulli_kl(p, q, t):
    """As the authors compute it, from clamped probabilities."""
    return (p * torch.log(p / q) + (1 - p) * torch.log((1 - p) / (1 - q))).sum(1).mean() * t**2


def binary_kl(size):
    logits, teacher, _ = taught(size)
    t = 2
    return [logits], lambda: bernoulli_kl(clamped(teacher / t), clamped(logits / t), t)


def binary_kl_norm_of(logits, teacher, t=2):
    q = clamped((logits - teacher) / t)
    return bernoulli_kl(torch.full_like(q, 0.5), q, t)


def binary_kl_norm(size):
    logits, teacher, _ = taught(size)
    return [logits], lambda: binary_kl_norm_of(logits, teacher)


def dual_head_distillation(size):
    logits, teacher, labels = taught(size)
    aux = waves(list(logits.shape), phase=2.0)
    return [logits, aux], lambda: F.cross_entropy(logits, labels) + binary_kl_norm_of(aux, teacher)


def apart(x, y):
    """Distances of all rows, from their differences, as few-shot learning is usually written."""
    return ((x.unsqueeze(1) - y.unsqueeze(0)) ** 2).sum(-1)


def proto_triplet_of(query, labels, prototypes, margin=0.5):
    distances = torch.sqrt(apart(query, prototypes) + 1e-6)
    own = torch.zeros_like(distances, dtype=torch.bool).scatter_(1, labels.unsqueeze(1), True)
    nearest = distances.masked_fill(own, float("inf")).min(1).values
    return F.relu(distances[own] - nearest + margin).mean()


def icnn_of(embeddings, labels, k=4, neighborhood=5, eps=1e-7):
    """As the authors compute it, with branches that read from the tensors."""
    distances, places = torch.sqrt(apart(embeddings, embeddings) + 1e-6).topk(max(neighborhood, k) + 1, dim=1, largest=False)
    distances, places = distances[:, 1:], places[:, 1:]
    same = labels[places] == labels.unsqueeze(1)
    other = distances.masked_fill(same, float("inf")).min(1, keepdim=True).values
    near, same = distances[:, :k], same[:, :k]
    relative = near / (other + eps)
    relative = relative / relative.max(1, keepdim=True).values.clamp(min=1)
    friends, others = same.sum(1), (~same).sum(1)
    intra = 1 - ((relative * same).sum(1) / (friends + eps)).sum() / ((friends > 0).sum() + eps)
    if (~same).any():
        scaled = near / (near[~same].max() + eps)
        inter = ((scaled * ~same).sum(1) / (others + eps)).sum() / ((others > 0).sum() + eps)
    else:
        inter = torch.ones(())
    gamma = (friends / k).mean()
    return -torch.log(((intra + inter) / 2 + gamma) / 2)


def proto_triplet(size):
    queries, classes, features = (25, 5, 16) if size == 0 else (2048, 100, 128)
    query, prototypes = chirped(queries, features), chirped(classes, features, 0.5)
    labels = torch.arange(queries) % classes
    return [query, prototypes], lambda: proto_triplet_of(query, labels, prototypes)


def episode(size):
    """Support and query, of which each class has as many samples."""
    classes, each, features = (5, 5, 16) if size == 0 else (20, 10, 64)
    labels = torch.arange(classes).repeat_interleave(each)
    return chirped(classes * each, features), chirped(classes * each, features, 0.5), labels, classes


def icnn(size):
    support, query, labels, _ = episode(size)
    both = torch.cat([labels, labels])
    return [support, query], lambda: icnn_of(torch.cat([support, query]), both)


def susana_episode(size):
    support, query, labels, classes = episode(size)
    both = torch.cat([labels, labels])

    def loss():
        prototypes = torch.stack([support[labels == c].mean(0) for c in range(classes)])
        entropy = F.cross_entropy(-apart(query, prototypes), labels)
        triplet = proto_triplet_of(query, labels, prototypes)
        return entropy + triplet + icnn_of(torch.cat([support, query]), both, neighborhood=len(both) // classes)

    return [support, query], loss


def hyp_oc(size):
    real, samples, dims = embedded(size)
    pseudo, _, _ = embedded(size, 1.0)
    a, p = waves([2, dims], phase=2.0), waves([2, dims], scale=0.1, phase=3.0)
    labels = torch.cat([torch.zeros(samples, dtype=torch.int64), torch.ones(samples, dtype=torch.int64)])
    c = 0.1

    def loss():
        points = torch.cat([to_ball(real), to_ball(pseudo)])
        left, right = points[: samples // 2], points[samples // 2 : samples]
        inner = (-left * right).sum(1, keepdim=True)
        left2, right2 = left.pow(2).sum(1, keepdim=True), right.pow(2).sum(1, keepdim=True)
        top = (1 + 2 * c * inner + c * right2) * -left + (1 - c * left2) * right
        moved = top / (1 + 2 * c * inner + c**2 * left2 * right2)
        confusion = (2 / c**0.5 * torch.atanh((c**0.5 * moved.norm(dim=-1)).clamp(max=1 - 1e-7))).sum() / samples
        return confusion + F.cross_entropy(gyroplanes(points, a, p), labels)

    return [real, pseudo, a, p], loss


def hyp_cross_entropy(size):
    features, samples, dims = embedded(size)
    a, p = waves([100, dims], scale=0.2, phase=2.0), waves([100, dims], scale=0.1, phase=3.0)
    labels = torch.arange(samples) * 7 % 100
    return [features, a, p], lambda: F.cross_entropy(gyroplanes(to_ball(features, riemannian=False), a, p), labels)


def general_pair_weighting(size):
    features, samples, _ = embedded(size)
    labels = torch.arange(samples) // 4

    def loss():
        x = F.normalize(features)
        s = x @ x.t()
        with torch.no_grad():
            same = labels.unsqueeze(1) == labels
            positive = same & ~torch.eye(samples, dtype=torch.bool)
            drawn = torch.exp(-2 * (s - 0.5)) * positive
            pushed = torch.exp(50 * (s - 0.5)) * ~same
            weights = pushed / (1 + pushed.sum(1, keepdim=True)) - drawn / (1 + drawn.sum(1, keepdim=True))
        return (weights * s).sum() / samples

    return [features], loss


def multi_similarity_of(similarity, targets, mask):
    """Of each row, over the candidates that the mask has: as the formula stands."""
    drawn = (targets * torch.exp(-2 * (similarity - 0.5)) * mask).sum(1)
    pushed = ((1 - targets) * torch.exp(50 * (similarity - 0.5)) * mask).sum(1)
    return (torch.log1p(drawn) / 2 + torch.log1p(pushed) / 50).mean()


def soft_pair(size):
    shape = [32, 64] if size == 0 else [1024, 1024]
    similarity = waves(shape, scale=0.9)
    targets = (waves(shape, scale=0.7, phase=1.0).detach() + 0.5).clamp(0, 1)
    return [similarity], lambda: multi_similarity_of(similarity, targets, torch.ones(()))


def mixed_pair(size):
    features, samples, dims = embedded(size)
    mixed = waves([samples * 10, dims], phase=1.0)
    anchors = torch.arange(samples * 10) * 7 % samples

    def loss():
        similarity = (F.normalize(features)[anchors] * F.normalize(mixed)).sum(1)
        sums = torch.zeros(2, samples)
        drawn = sums[0].index_add(0, anchors, 0.3 * torch.exp(-2 * (similarity - 0.5)))
        pushed = sums[1].index_add(0, anchors, 0.7 * torch.exp(50 * (similarity - 0.5)))
        return (torch.log1p(drawn) / 2 + torch.log1p(pushed) / 50).mean()

    return [features, mixed], loss


def metrix(size):
    samples, dims = (32, 8) if size == 0 else (128, 128)
    features = waves([samples, dims])
    labels = torch.arange(samples) // 4

    def loss():
        x = F.normalize(features)
        same = labels.unsqueeze(1) == labels
        positive = same & ~torch.eye(samples, dtype=torch.bool)
        clean = multi_similarity_of(x @ x.t(), same.float(), ~torch.eye(samples, dtype=torch.bool))
        anchor, first, second = (positive.unsqueeze(2) & ~same.unsqueeze(1)).nonzero(as_tuple=True)
        mixed = F.normalize(0.3 * x[first] + 0.7 * x[second])
        similarity = (x[anchor] * mixed).sum(1)
        drawn = torch.zeros(samples).index_add(0, anchor, 0.3 * torch.exp(-2 * (similarity - 0.5)))
        pushed = torch.zeros(samples).index_add(0, anchor, 0.7 * torch.exp(50 * (similarity - 0.5)))
        return clean + 0.4 * (torch.log1p(drawn) / 2 + torch.log1p(pushed) / 50).mean()

    return [features], loss


def found(name):
    if name in globals():
        return globals()[name]
    import metric_losses  # needs pytorch-metric-learning, which few have

    return getattr(metric_losses, name)


def workload(name, size):
    """`loss_NAME` runs it; `loss_NAME_told` prints its value and the gradients' sum of squares."""
    told = name.endswith("_told")
    leaves, loss = found(name.removeprefix("loss_").removesuffix("_told"))(size)

    def run(n):
        for _ in range(n):
            loss().backward()
            for leaf in leaves:
                leaf.grad = None

    def tell(n):
        value = loss()
        value.backward()
        print(value.item())
        print(sum(leaf.grad.double().square().sum().item() for leaf in leaves), flush=True)

    return tell if told else run
