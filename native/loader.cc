// The loader: a small addon without libtorch in it. JavaScript finds libtorch, opens it here so that its symbols
// are visible to everybody, and then loads the core, which was linked against libtorch without any path.
// Plain C Node-API: nothing here is worth a wrapper.
#include <node_api.h>

#include <map>
#include <mutex>
#include <string>

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace {

// The problem, in the system's own words where it has some; empty when the library is open.
std::string openLibrary(const std::string& path) {
  // A worker thread may name another libtorch than the one that is open: two of them in a process would crash it.
  static std::mutex mutex;
  static std::map<std::string, std::string> opened; // file name -> path
  std::lock_guard<std::mutex> lock(mutex);
  std::string name = path.substr(path.find_last_of("/\\") + 1);
  auto there = opened.find(name);
  if (there != opened.end() && there->second != path)
    return "this process already has " + there->second + ", and two libtorch cannot be mixed (" + path + ")";
#ifdef _WIN32
  int length = MultiByteToWideChar(CP_UTF8, 0, path.c_str(), -1, nullptr, 0);
  std::wstring wide(static_cast<size_t>(length), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, path.c_str(), -1, wide.data(), length);
  // The altered search path finds the libraries that lie beside this one.
  if (LoadLibraryExW(wide.c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH)) {
    opened[name] = path;
    return "";
  }
  DWORD code = GetLastError();
  char text[512] = "";
  FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr, code, 0, text, sizeof text, nullptr);
  return path + ": " + (text[0] ? text : ("Windows error " + std::to_string(code)).c_str());
#else
  // Never closed: libtorch registers operators and threads that cannot be taken back.
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL)) {
    opened[name] = path;
    return "";
  }
  const char* text = dlerror();
  return text ? text : path + ": unknown error";
#endif
}

napi_value open(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argument = nullptr;
  size_t length = 0;
  if (napi_get_cb_info(env, info, &argc, &argument, nullptr, nullptr) != napi_ok || argc < 1 ||
      napi_get_value_string_utf8(env, argument, nullptr, 0, &length) != napi_ok) {
    napi_throw_type_error(env, nullptr, "Expected the path of a library as a string");
    return nullptr;
  }
  std::string path(length, '\0');
  napi_get_value_string_utf8(env, argument, path.data(), length + 1, &length);
  std::string problem = openLibrary(path);
  if (!problem.empty()) napi_throw_error(env, "ERR_DLOPEN_FAILED", problem.c_str());
  return nullptr;
}

std::string compiler() {
#if defined(__clang__)
  std::string name = "clang " __clang_version__;
#elif defined(__GNUC__)
  std::string name = "g++ " __VERSION__;
#elif defined(_MSC_VER)
  std::string name = "MSVC " + std::to_string(_MSC_VER);
#else
  std::string name = "unknown compiler";
#endif
  name += ", C++" + std::to_string(__cplusplus / 100 % 100);
#if defined(_GLIBCXX_USE_CXX11_ABI)
  name += _GLIBCXX_USE_CXX11_ABI ? ", cxx11 ABI" : ", pre-cxx11 ABI";
#endif
  return name;
}

void setString(napi_env env, napi_value object, const char* name, const std::string& text) {
  napi_value value;
  if (napi_create_string_utf8(env, text.c_str(), text.size(), &value) == napi_ok) {
    napi_set_named_property(env, object, name, value);
  }
}

} // namespace

NAPI_MODULE_INIT() {
  napi_value function;
  if (napi_create_function(env, "open", NAPI_AUTO_LENGTH, open, nullptr, &function) != napi_ok) return nullptr;
  napi_set_named_property(env, exports, "open", function);
  setString(env, exports, "compiledFor", TORCHWRIGHT_LIBTORCH_VERSION);
  setString(env, exports, "compiledWith", compiler());
  return exports;
}
