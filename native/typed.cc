// Direct (unboxed) calls, by signature and not by operator: one template, instantiated for the signatures
// that most calls have. An operator whose signature is not listed here goes the boxed way.
#include "plan.h"

#include "errors.h"

#include <tuple>
#include <typeinfo>

namespace torchwright {

namespace {

// Read<T>: how an argument of C++ type T is read from its cell. `code` is its letter in the signature key,
// `holder` what keeps it alive during the call.
template <class T>
struct Read;

#define SIMPLE(TYPE, CODE, HOLDER, ...)                                      \
  template <>                                                                \
  struct Read<TYPE> {                                                        \
    static constexpr char code = CODE;                                       \
    using holder = HOLDER;                                                   \
    static holder get(Env& env, const Plan& plan, size_t i, const Cell& c) { \
      const Argument& a = plan.arguments[i];                                 \
      (void)env, (void)a;                                                    \
      __VA_ARGS__                                                            \
    }                                                                        \
  };

// A reference into the slot: chunks never move and no JavaScript runs during the operator that could free it.
SIMPLE(const at::Tensor&, 'T', const at::Tensor&, {
  if (C10_UNLIKELY(c.tag == kNone || c.tag == kAbsent)) badArgument(plan, i, "a tensor", c);
  return env.tensor(c);
})
SIMPLE(at::Tensor&, 'M', at::Tensor&, { return const_cast<at::Tensor&>(env.tensor(c)); })
SIMPLE(const std::optional<at::Tensor>&, 'Q', std::optional<at::Tensor>, {
  if (c.tag == kNone || c.tag == kAbsent) return std::nullopt;
  return env.tensor(c);
})
SIMPLE(const at::Scalar&, 'S', at::Scalar, {
  if (c.tag == kAbsent && a.hasDefault) return a.defaultScalar;
  return readScalar(env, plan, i, c);
})
SIMPLE(const std::optional<at::Scalar>&, 's', std::optional<at::Scalar>, {
  if (c.tag == kNone || c.tag == kAbsent) return std::nullopt;
  return readScalar(env, plan, i, c);
})
SIMPLE(int64_t, 'I', int64_t, {
  if (c.tag == kAbsent && a.hasDefault) return a.defaultValue.toInt();
  return readInt(plan, i, c);
})
SIMPLE(std::optional<int64_t>, 'i', std::optional<int64_t>, {
  if (c.tag == kAbsent && a.hasDefault) return a.defaultValue.toOptional<int64_t>();
  if (c.tag == kNone || c.tag == kAbsent) return std::nullopt;
  return readInt(plan, i, c);
})
SIMPLE(c10::SymInt, 'Y', c10::SymInt, {
  if (c.tag == kAbsent && a.hasDefault) return c10::SymInt(a.defaultValue.toInt());
  return c10::SymInt(readInt(plan, i, c));
})
SIMPLE(double, 'F', double, {
  if (c.tag == kAbsent && a.hasDefault) return a.defaultValue.toDouble();
  return readDouble(plan, i, c);
})
SIMPLE(std::optional<double>, 'f', std::optional<double>, {
  if (c.tag == kAbsent && a.hasDefault) return a.defaultValue.toOptional<double>();
  if (c.tag == kNone || c.tag == kAbsent) return std::nullopt;
  return readDouble(plan, i, c);
})
SIMPLE(bool, 'B', bool, {
  if (c.tag == kAbsent && a.hasDefault) return a.defaultValue.toBool();
  if (c.tag != kBool) badArgument(plan, i, "a boolean", c);
  return bool(c.index);
})
SIMPLE(std::optional<c10::ScalarType>, 'd', std::optional<c10::ScalarType>, {
  if (c.tag == kNone || c.tag == kAbsent) return std::nullopt;
  if (c.tag != kDtype) badArgument(plan, i, "a dtype", c);
  return c10::ScalarType(c.index);
})
SIMPLE(c10::ScalarType, 'D', c10::ScalarType, {
  if (c.tag != kDtype) badArgument(plan, i, "a dtype", c);
  return c10::ScalarType(c.index);
})
SIMPLE(std::optional<c10::Layout>, 'V', std::optional<c10::Layout>, {
  if (c.tag == kNone || c.tag == kAbsent) return std::nullopt;
  if (c.tag != kLayout) badArgument(plan, i, "a layout", c);
  return c10::Layout(c.index);
})
SIMPLE(std::optional<c10::Device>, 'X', std::optional<c10::Device>, {
  if (c.tag == kNone || c.tag == kAbsent) return std::nullopt;
  if (c.tag != kDevice) badArgument(plan, i, "a device", c);
  return c10::Device(c10::DeviceType(c.index), c10::DeviceIndex(c.aux));
})
SIMPLE(std::optional<bool>, 'b', std::optional<bool>, {
  if (c.tag == kNone || c.tag == kAbsent) return std::nullopt;
  if (c.tag != kBool) badArgument(plan, i, "a boolean", c);
  return bool(c.index);
})
SIMPLE(std::optional<c10::MemoryFormat>, 'm', std::optional<c10::MemoryFormat>, {
  if (c.tag == kNone || c.tag == kAbsent) return std::nullopt;
  if (c.tag != kMemoryFormat) badArgument(plan, i, "a memory format", c);
  return c10::MemoryFormat(c.index);
})
SIMPLE(at::TensorList, 'P', std::vector<at::Tensor>, { return readTensors(env, plan, i, c); })
#undef SIMPLE

using Ints = c10::SmallVector<int64_t, 6>;

inline void readIntsOrDefault(Env& env, const Plan& plan, size_t i, const Cell& c, Ints& out) {
  const Argument& a = plan.arguments[i];
  if (c.tag == kAbsent && a.hasDefault) {
    for (int64_t v : a.defaultValue.toIntVector()) out.push_back(v);
  } else {
    readInts(env, plan, i, c, out);
  }
}

template <>
struct Read<at::IntArrayRef> {
  static constexpr char code = 'L';
  struct holder {
    Ints v;
    operator at::IntArrayRef() const { return v; }
  };
  static holder get(Env& env, const Plan& plan, size_t i, const Cell& c) {
    holder h;
    readIntsOrDefault(env, plan, i, c, h.v);
    return h;
  }
};

template <>
struct Read<c10::SymIntArrayRef> {
  static constexpr char code = 'W';
  struct holder {
    Ints v;
    operator c10::SymIntArrayRef() const { return c10::fromIntArrayRefSlow(v); }
  };
  static holder get(Env& env, const Plan& plan, size_t i, const Cell& c) {
    holder h;
    readIntsOrDefault(env, plan, i, c, h.v);
    return h;
  }
};

template <>
struct Read<at::OptionalIntArrayRef> {
  static constexpr char code = 'l';
  struct holder {
    Ints v;
    bool has = false;
    operator at::OptionalIntArrayRef() const {
      return has ? at::OptionalIntArrayRef(at::IntArrayRef(v)) : at::OptionalIntArrayRef();
    }
  };
  static holder get(Env& env, const Plan& plan, size_t i, const Cell& c) {
    holder h;
    const Argument& a = plan.arguments[i];
    if (c.tag == kNone || (c.tag == kAbsent && (!a.hasDefault || a.defaultValue.isNone()))) return h;
    h.has = true;
    readIntsOrDefault(env, plan, i, c, h.v);
    return h;
  }
};

// The letter of an argument as its schema says it, matching Read<T>::code.
char codeOf(const Argument& a) {
  switch (a.kind) {
    case Kind::Tensor: return a.write ? 'M' : a.nullable ? 'Q' : 'T';
    case Kind::TensorList: return a.nullable ? '?' : 'P';
    case Kind::Int: return a.sym ? (a.nullable ? '?' : 'Y') : (a.nullable ? 'i' : 'I');
    case Kind::IntList: return a.sym ? (a.nullable ? '?' : 'W') : (a.nullable ? 'l' : 'L');
    case Kind::Float: return a.nullable ? 'f' : 'F';
    case Kind::Bool: return a.nullable ? 'b' : 'B';
    case Kind::Scalar: return a.nullable ? 's' : 'S';
    case Kind::Dtype: return a.nullable ? 'd' : 'D';
    case Kind::Layout: return a.nullable ? 'V' : '?';
    case Kind::Device: return a.nullable ? 'X' : '?';
    case Kind::MemoryFormat: return a.nullable ? 'm' : '?';
    default: return '?';
  }
}

// --- results

void write(Env& env, const Plan&, Cell* cells, at::Tensor&& t) {
  env.put(std::move(t), cells[0]);
  env.header[kResults] = 1;
}
void write(Env& env, const Plan& plan, Cell* cells, at::Tensor&) {
  cells[0].tag = kSame;
  cells[0].index = plan.resultIs[0];
  env.header[kResults] = 1;
}
void write(Env& env, const Plan&, Cell* cells, bool v) {
  cells[0].tag = kBool;
  cells[0].index = v;
  env.header[kResults] = 1;
}
void write(Env& env, const Plan&, Cell* cells, std::vector<at::Tensor>&& list) {
  env.putList(std::move(list), cells[0]);
  env.header[kResults] = 1;
}
template <size_t... K, class... T>
void writeTuple(Env& env, Cell* cells, std::tuple<T...>&& t, std::index_sequence<K...>) {
  (env.put(std::move(std::get<K>(t)), cells[K]), ...);
  env.header[kResults] = sizeof...(K);
}
template <class... T>
void write(Env& env, const Plan&, Cell* cells, std::tuple<T...>&& t) {
  writeTuple(env, cells, std::move(t), std::index_sequence_for<T...>{});
}

template <class R>
struct ResultCode;
template <>
struct ResultCode<void> {
  static constexpr const char* code = "";
};
template <>
struct ResultCode<std::vector<at::Tensor>> {
  static constexpr const char* code = "p";
};
template <>
struct ResultCode<at::Tensor> {
  static constexpr const char* code = "t";
};
template <>
struct ResultCode<at::Tensor&> {
  static constexpr const char* code = "m";
};
template <>
struct ResultCode<bool> {
  static constexpr const char* code = "b";
};
template <>
struct ResultCode<std::tuple<at::Tensor, at::Tensor>> {
  static constexpr const char* code = "tt";
};
template <>
struct ResultCode<std::tuple<at::Tensor, at::Tensor, at::Tensor>> {
  static constexpr const char* code = "ttt";
};

std::string resultCode(const Plan& plan) {
  std::string code;
  const auto& returns = plan.op.schema().returns();
  for (size_t k = 0; k < returns.size(); k++) {
    auto kind = returns[k].type()->kind();
    if (kind == c10::TypeKind::TensorType) {
      bool written = returns[k].alias_info() && returns[k].alias_info()->isWrite();
      if (written && plan.resultIs[k] < 0) return "?";
      code += written ? 'm' : 't';
    } else if (kind == c10::TypeKind::BoolType) {
      code += 'b';
    } else if (kind == c10::TypeKind::ListType && !returns[k].alias_info() &&
               returns[k].type()->expectRef<c10::ListType>().getElementType()->kind() == c10::TypeKind::TensorType) {
      code += 'p';
    } else {
      return "?";
    }
  }
  return code;
}

// --- the call

template <class R, class... A>
struct Direct {
  using Handle = c10::TypedOperatorHandle<R(A...)>;

  template <size_t... I>
  static void invoke(Env& env, const Plan& plan, Cell* cells, std::index_sequence<I...>) {
    static const Cell absent{};
    const int argc = env.header[kArgc];
    auto at = [&](int i) -> const Cell& { return i < argc ? cells[i] : absent; };
    std::tuple<typename Read<A>::holder...> held{Read<A>::get(env, plan, I, at(I))...};
    auto& handle = *static_cast<Handle*>(plan.typedHandle.get());
    if constexpr (std::is_void_v<R>) {
      handle.call(std::get<I>(held)...);
      env.header[kResults] = 0;
    } else {
      write(env, plan, cells, handle.call(std::get<I>(held)...));
    }
  }
  static void run(Env& env, const Plan& plan, Cell* cells) { invoke(env, plan, cells, std::index_sequence_for<A...>{}); }
};

struct Entry {
  void (*run)(Env&, const Plan&, Cell*);
  std::shared_ptr<void> (*handle)(const c10::OperatorHandle&);
};

template <class F>
struct Signature;
template <class R, class... A>
struct Signature<R(A...)> {
  static std::pair<std::string, Entry> entry() {
    std::string key{Read<A>::code...};
    key += '>';
    key += ResultCode<R>::code;
    return {key, {Direct<R, A...>::run, [](const c10::OperatorHandle& op) -> std::shared_ptr<void> {
                    return std::make_shared<c10::TypedOperatorHandle<R(A...)>>(op.typed<R(A...)>());
                  }}};
  }
};

using T = const at::Tensor&;
using M = at::Tensor&;
using Q = const std::optional<at::Tensor>&;
using S = const at::Scalar&;
using s = const std::optional<at::Scalar>&;
using I = int64_t;
using i = std::optional<int64_t>;
using Y = c10::SymInt;
using F = double;
using B = bool;
using d = std::optional<c10::ScalarType>;
using D = c10::ScalarType;
using L = at::IntArrayRef;
using l = at::OptionalIntArrayRef;
using W = c10::SymIntArrayRef;
using V = std::optional<c10::Layout>;
using X = std::optional<c10::Device>;
using b = std::optional<bool>;
using m = std::optional<c10::MemoryFormat>;
using P = at::TensorList;
using t = at::Tensor;
using p = std::vector<at::Tensor>;
using tt = std::tuple<at::Tensor, at::Tensor>;
using ttt = std::tuple<at::Tensor, at::Tensor, at::Tensor>;

const std::unordered_map<std::string, Entry>& table() {
  static const std::unordered_map<std::string, Entry> map{
      // element-wise
      Signature<t(T)>::entry(),
      Signature<t(T, T)>::entry(),
      Signature<t(T, S)>::entry(),
      Signature<t(S, T)>::entry(),
      Signature<t(T, T, S)>::entry(),
      Signature<t(T, S, S)>::entry(),
      Signature<t(T, T, T)>::entry(),
      Signature<t(T, T, T, S)>::entry(),
      Signature<t(T, S, T)>::entry(),
      Signature<t(T, T, S, S)>::entry(),
      Signature<t(T, S, S, S)>::entry(),
      Signature<t(T, s, s)>::entry(),
      Signature<t(T, Q, Q)>::entry(),
      Signature<t(T, T, F)>::entry(),
      // in place
      Signature<M(M)>::entry(),
      Signature<M(M, T)>::entry(),
      Signature<M(M, S)>::entry(),
      Signature<M(M, T, S)>::entry(),
      Signature<M(M, S, S)>::entry(),
      Signature<M(M, T, T, S)>::entry(),
      Signature<M(M, T, T)>::entry(),
      Signature<M(M, T, B)>::entry(),
      Signature<M(M, s, s)>::entry(),
      // reductions
      Signature<t(T, d)>::entry(),
      Signature<t(T, l, B, d)>::entry(),
      Signature<t(T, L, B)>::entry(),
      Signature<t(T, i, B)>::entry(),
      Signature<t(T, I, d)>::entry(),
      Signature<tt(T, I, B)>::entry(),
      Signature<t(T, I, B)>::entry(),
      Signature<t(T, l, s, B)>::entry(),
      Signature<t(T, B)>::entry(),
      Signature<t(T, s, L, B)>::entry(),
      Signature<t(T, S, L, B)>::entry(),
      Signature<t(T, l, B)>::entry(),
      // shapes
      Signature<t(T, I)>::entry(),
      Signature<t(T, I, I)>::entry(),
      Signature<t(T, L)>::entry(),
      Signature<t(T, W)>::entry(),
      Signature<t(T, I, Y)>::entry(),
      Signature<t(T, W, B)>::entry(),
      Signature<t(T, W, W)>::entry(),
      Signature<t(T, I, T)>::entry(),
      Signature<t(T, I, T, B)>::entry(),
      Signature<t(P, I)>::entry(),
      Signature<t(T, D, B, B, m)>::entry(),
      Signature<t(T, m)>::entry(),
      Signature<t(T, d, V, X, b, B, m)>::entry(),
      Signature<t(T, I, T, T)>::entry(),
      Signature<t(T, I, I, I)>::entry(),
      // networks and losses
      Signature<t(T, T, Q)>::entry(),
      Signature<t(T, T, T, S, S)>::entry(),
      Signature<t(T, T, Q, W, W, W, Y)>::entry(),
      Signature<t(T, L, L, L, L, B)>::entry(),
      Signature<t(T, T, I)>::entry(),
      Signature<t(T, T, Q, I)>::entry(),
      Signature<t(T, T, Q, I, Y)>::entry(),
      Signature<t(T, T, Q, I, Y, F)>::entry(),
      Signature<t(T, T, I, F)>::entry(),
      Signature<t(T, T, Q, Q, I)>::entry(),
      Signature<t(T, F, B)>::entry(),
      Signature<t(T, S, B)>::entry(),
      Signature<t(T, W, Q, Q, F, B)>::entry(),
      Signature<t(T, Q, Q, Q, Q, B, F, F, B)>::entry(),
      // creation
      Signature<t(W, d, V, X, b)>::entry(),
      Signature<t(W, d, V, X, b, m)>::entry(),
      Signature<t(W, S, d, V, X, b)>::entry(),
      Signature<t(T, d, V, X, b, m)>::entry(),
      Signature<t(S, d, V, X, b)>::entry(),
      Signature<t(S, S, S, d, V, X, b)>::entry(),
      // many tensors at once: optimizers
      Signature<void(P)>::entry(),
      Signature<void(P, S)>::entry(),
      Signature<void(P, T)>::entry(),
      Signature<void(P, T, S)>::entry(),
      Signature<void(P, P)>::entry(),
      Signature<void(P, P, S)>::entry(),
      Signature<void(P, P, T)>::entry(),
      Signature<void(P, P, P, S)>::entry(),
      Signature<void(P, P, P, F, F, F, F, B, B, B, Q, Q)>::entry(),
      Signature<void(P, P, P, P, P, P, F, F, F, F, F, B, B, Q, Q)>::entry(),
      Signature<void(P, P, B)>::entry(),
      Signature<void(P, M, T)>::entry(),
      Signature<p(P, T)>::entry(),
      Signature<p(P, S, d)>::entry(),
      Signature<M(M, M, T, F, F, I)>::entry(),
      Signature<p(P)>::entry(),
      Signature<p(P, S)>::entry(),
      Signature<p(P, P)>::entry(),
      Signature<p(P, P, S)>::entry(),
      Signature<p(P, P, P, S)>::entry(),
      // tests
      Signature<B(T, T)>::entry(),
      Signature<B(T)>::entry(),
  };
  return map;
}

} // namespace

void findDirectPath(Plan& plan) {
  std::string key;
  for (const auto& a : plan.arguments) key += codeOf(a);
  key += '>';
  key += resultCode(plan);
  auto it = table().find(key);
  if (it == table().end()) return;
  try {
    plan.typedHandle = it->second.handle(plan.op);
  } catch (const c10::Error&) {
    return; // the C++ signature differs from what the schema suggests: the boxed path serves it
  }
  plan.direct = it->second.run;
}

} // namespace torchwright
