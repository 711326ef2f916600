#include "mitm/policy/provider_hosts.hpp"

#include <algorithm>
#include <array>

#include "net/text/ascii.hpp"

namespace mitm {
namespace {

/// A whole name; or, where the end begins with no letter, the names that end and begin like this, with something before
/// the end.
struct host_shape {
  std::string_view end;
  std::string_view beginning = {};
};

// Their other hosts, for telemetry or for browsers, are not among them.
constexpr std::array provider_hosts{
    host_shape{"api.openai.com"},
    host_shape{".api.openai.com"},
    host_shape{"chatgpt.com"},
    host_shape{".openai.azure.com"},
    host_shape{".services.ai.azure.com"},
    host_shape{"models.inference.ai.azure.com"},
    host_shape{"models.github.ai"},
    host_shape{"api.githubcopilot.com"},
    host_shape{".githubcopilot.com", "api."},
    host_shape{"api.anthropic.com"},
    host_shape{"generativelanguage.googleapis.com"},
    host_shape{"cloudcode-pa.googleapis.com"},
    host_shape{"aiplatform.googleapis.com"},
    host_shape{"-aiplatform.googleapis.com"},
    host_shape{".amazonaws.com", "bedrock-runtime."},
    host_shape{".amazonaws.com", "bedrock-runtime-fips."},
    host_shape{"api.mistral.ai"},
    host_shape{"codestral.mistral.ai"},
    host_shape{"api.deepseek.com"},
    host_shape{"api.x.ai"},
    host_shape{".api.x.ai"},
    host_shape{"api.groq.com"},
    host_shape{"api.cerebras.ai"},
    host_shape{"api.cohere.com"},
    host_shape{"api.cohere.ai"},
    host_shape{"api.perplexity.ai"},
    host_shape{"api.together.xyz"},
    host_shape{"api.fireworks.ai"},
    host_shape{"api.moonshot.ai"},
    host_shape{"api.moonshot.cn"},
    host_shape{"api.z.ai"},
    host_shape{"open.bigmodel.cn"},
    host_shape{"api.minimax.io"},
    host_shape{"dashscope.aliyuncs.com"},
    host_shape{"dashscope-intl.aliyuncs.com"},
    host_shape{"integrate.api.nvidia.com"},
    host_shape{"router.huggingface.co"},
    host_shape{"openrouter.ai"},
    host_shape{"opencode.ai"},
    host_shape{"api2.cursor.sh"},
};

bool fits(std::string_view name, const host_shape& shape) noexcept {
  using net::text::iequals;
  if (name.size() < shape.end.size() || !iequals(name.substr(name.size() - shape.end.size()), shape.end)) return false;
  const std::string_view rest = name.substr(0, name.size() - shape.end.size());
  if (shape.end.front() != '.' && shape.end.front() != '-') return rest.empty();
  return !rest.empty() && iequals(rest.substr(0, shape.beginning.size()), shape.beginning);
}

}  // namespace

bool is_provider_host(std::string_view name) noexcept {
  return std::ranges::any_of(provider_hosts, [name](const host_shape& shape) { return fits(name, shape); });
}

}  // namespace mitm
