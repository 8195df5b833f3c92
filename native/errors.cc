#include "errors.h"

#include "async.h"
#include "plan.h"

#include <sstream>

namespace torchwright {

std::string dtypeName(c10::ScalarType t) {
  switch (t) {
    case at::kHalf: return "float16";
    case at::kBFloat16: return "bfloat16";
    case at::kFloat: return "float32";
    case at::kDouble: return "float64";
    case at::kChar: return "int8";
    case at::kShort: return "int16";
    case at::kInt: return "int32";
    case at::kLong: return "int64";
    case at::kByte: return "uint8";
    case at::kBool: return "bool";
    case at::kComplexHalf: return "complex32";
    case at::kComplexFloat: return "complex64";
    case at::kComplexDouble: return "complex128";
    default: {
      std::string name = c10::toString(t);
      for (auto& ch : name) ch = char(tolower(ch));
      return name;
    }
  }
}

std::string describe(const at::Tensor& t) {
  if (!t.defined()) return "null";
  std::ostringstream out;
  out << dtypeName(t.scalar_type()) << '[';
  try {
    auto sizes = t.sizes();
    for (size_t i = 0; i < sizes.size(); i++) out << (i ? ", " : "") << sizes[i];
  } catch (const std::exception&) {
    out << '?'; // nested tensors have no plain shape
  }
  out << "] " << t.device().str();
  if (t.layout() != c10::kStrided) out << ' ' << t.layout();
  return out.str();
}

std::string describeArguments(Env& env, const Plan& plan, const Cell* cells) {
  std::ostringstream out;
  int argc = std::min<int>(env.header[kArgc], int(plan.arguments.size()));
  bool first = true;
  auto begin = [&](const std::string& name) {
    out << (first ? "" : ", ") << name << ": ";
    first = false;
  };
  auto handle = [&](int32_t index, int32_t generation) -> std::string {
    if (index < 0) return "null";
    if (index >= env.slotCount || env.slot(index).generation != generation) return "released";
    return describe(env.slot(index).tensor);
  };
  for (int i = 0; i < argc; i++) {
    const Cell& c = cells[i];
    if (c.tag == kTensor) {
      begin(plan.arguments[i].name);
      out << handle(c.index, c.aux);
    } else if (c.tag == kTensorList) {
      begin(plan.arguments[i].name);
      out << '[';
      for (int32_t k = 0; k < c.aux && k < 8; k++) {
        int32_t h[2];
        if (size_t(c.index) + 8 * (k + 1) > env.sideBytes) break;
        memcpy(h, env.side + c.index + 8 * k, 8);
        out << (k ? ", " : "") << handle(h[0], h[1]);
      }
      out << (c.aux > 8 ? ", ...]" : "]");
    }
  }
  return out.str();
}

namespace {

// c10::Error's text without its backtrace, which some messages repeat after the first paragraph.
std::string plainMessage(const c10::Error& e) {
  std::string m = e.what_without_backtrace();
  size_t trace = m.find("\nException raised from");
  if (trace != std::string::npos) m.resize(trace);
  // A missing kernel: what follows the first sentence is a page about every backend.
  size_t advice = m.find(" This could be because the operator doesn't exist for this backend");
  if (m.rfind("Could not run '", 0) == 0 && advice != std::string::npos) m.resize(advice);
  while (!m.empty() && (m.back() == '\n' || m.back() == ' ')) m.pop_back();
  return m;
}

napi_value makeError(napi_env napi, const std::string& message, bool isType) {
  napi_value text, error;
  napi_create_string_utf8(napi, message.c_str(), message.size(), &text);
  (isType ? napi_create_type_error : napi_create_error)(napi, nullptr, text, &error);
  return error;
}

void setText(napi_env napi, napi_value object, const char* key, const std::string& text) {
  napi_value v;
  napi_create_string_utf8(napi, text.c_str(), text.size(), &v);
  napi_set_named_property(napi, object, key, v);
}

// A property that is worked out when it is read: to put names to the addresses takes milliseconds.
void setBacktrace(napi_env napi, napi_value object, const c10::Error& e) {
  struct Holder {
    std::string message;
    c10::Backtrace backtrace;
  };
  auto* holder = new Holder{plainMessage(e), e.backtrace()};
  napi_property_descriptor property{};
  property.utf8name = "backtrace";
  property.attributes = napi_configurable;
  property.data = holder;
  property.getter = [](napi_env env, napi_callback_info info) -> napi_value {
    void* data = nullptr;
    napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
    auto& held = *static_cast<Holder*>(data);
    std::string text = held.message;
    try {
      if (held.backtrace) text += "\n" + held.backtrace->get();
    } catch (...) {
      // Without the trace, then.
    }
    napi_value value;
    napi_create_string_utf8(env, text.c_str(), text.size(), &value);
    return value;
  };
  napi_define_properties(napi, object, 1, &property);
  napi_add_finalizer(
      napi, object, holder, [](node_api_basic_env, void* data, void*) { delete static_cast<Holder*>(data); }, nullptr, nullptr);
}

} // namespace

napi_value toJsError(Env& env, const std::string& what, const std::string& arguments) noexcept {
  std::string prefix = what.rfind("aten::", 0) == 0 ? what.substr(6) : what;
  // The overload's name helps nobody who reads the message; `operator` on the error has it.
  if (size_t dot = prefix.find('.'); dot != std::string::npos) prefix.resize(dot);
  if (!prefix.empty()) prefix += ": ";
  std::string suffix = arguments.empty() ? "" : " (" + arguments + ")";
  napi_value error = nullptr;
  try {
    // cppcheck-suppress rethrowNoCurrentException ; called while an exception is handled, as the header says
    throw;
  } catch (const JsThrown& e) {
    napi_get_reference_value(env.env, e.value->ref, &error);
    return error;
  } catch (const Napi::Error& e) {
    return e.Value();
  } catch (const UserError& e) {
    error = makeError(env.env, prefix + e.what() + suffix, true);
  } catch (const StaleHandle& e) {
    std::string why = "the tensor was released";
    try {
      why = env.jsStale.Call({Napi::Number::New(env.env, e.releasedBy)}).As<Napi::String>().Utf8Value();
    } catch (const Napi::Error&) {
    }
    error = makeError(env.env, prefix + why, false);
  } catch (const c10::OutOfMemoryError& e) {
    error = makeError(env.env, prefix + plainMessage(e) + suffix, false);
    setText(env.env, error, "code", "ERR_OUT_OF_MEMORY");
  } catch (const c10::Error& e) {
    std::string message = plainMessage(e);
    error = makeError(env.env, prefix + message + suffix, false);
    if (message.find("can't allocate memory") != std::string::npos || message.find("out of memory") != std::string::npos)
      setText(env.env, error, "code", "ERR_OUT_OF_MEMORY");
    setBacktrace(env.env, error, e);
  } catch (const std::bad_alloc&) {
    error = makeError(env.env, prefix + "out of memory" + suffix, false);
    setText(env.env, error, "code", "ERR_OUT_OF_MEMORY");
  } catch (const std::exception& e) {
    std::string message = e.what();
    error = makeError(env.env, prefix + message + suffix, false);
  } catch (...) {
    error = makeError(env.env, prefix + "unknown C++ exception" + suffix, false);
  }
  if (!what.empty()) setText(env.env, error, "operator", what);
  return error;
}

napi_value giveError(Env& env, const char* what, const Plan* plan, const Cell* cells) noexcept {
  napi_value error = nullptr;
  bool pending = false;
  napi_is_exception_pending(env.env, &pending);
  if (pending) {
    // JavaScript threw already, or the call was handed to another thread (throwSentinel).
    napi_get_and_clear_last_exception(env.env, &error);
  } else {
    std::string arguments;
    try {
      // Described first: while the exception is handled below, JavaScript may run and reuse the cells.
      if (plan && cells) arguments = describeArguments(env, *plan, cells);
    } catch (...) {
    }
    error = toJsError(env, plan ? plan->name : std::string(what), arguments);
  }
  env.header[kFailed] = 1;
  return error;
}

} // namespace torchwright
