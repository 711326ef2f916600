#include "test/sim/language_server/models.hpp"

#include <algorithm>
#include <array>

namespace sim::ls {
namespace {

constexpr int openai = 2, anthropic = 3, google = 4;
constexpr int gemini = 24, anthropic_vertex = 26, openai_vertex = 31;

// The last but one is used up: its remaining fraction is absent on the wire.
constexpr std::array<model, 9> models{{
    {1018, "MODEL_PLACEHOLDER_M18", "Gemini 3 Flash", "gemini-3-flash-agent", google, gemini, 0.8F},
    {1008, "MODEL_PLACEHOLDER_M8", "Gemini 3 Pro (High)", "gemini-3-pro-high", google, gemini, 0.5F},
    {1007, "MODEL_PLACEHOLDER_M7", "Gemini 3 Pro (Low)", "gemini-3-pro-low", google, gemini, 0.5F},
    {312, "MODEL_GOOGLE_GEMINI_2_5_FLASH", "Gemini 2.5 Flash", "gemini-2.5-flash", google, gemini, 1.0F},
    {330, "MODEL_GOOGLE_GEMINI_2_5_FLASH_LITE", "Gemini 2.5 Flash Lite", "gemini-2.5-flash-lite", google, gemini, 1.0F},
    {334, "MODEL_CLAUDE_4_5_SONNET_THINKING", "Claude Sonnet 4.5 (Thinking)", "claude-sonnet-4-5-thinking", anthropic,
     anthropic_vertex, 0.25F},
    {1035, "MODEL_PLACEHOLDER_M35", "Claude Sonnet 4.6", "claude-sonnet-4-6", anthropic, anthropic_vertex, 0.25F},
    {1026, "MODEL_PLACEHOLDER_M26", "Claude Opus 4.6 (Thinking)", "claude-opus-4-6-thinking", anthropic,
     anthropic_vertex, 0.0F},
    {342, "MODEL_OPENAI_GPT_OSS_120B_MEDIUM", "GPT-OSS 120B (Medium)", "gpt-oss-120b-medium", openai, openai_vertex,
     1.0F},
}};

}  // namespace

std::span<const model> all_models() {
  return models;
}

const model* find_model(int number) {
  const auto found = std::ranges::find(models, number, &model::number);
  return found == models.end() ? nullptr : &*found;
}

const model& default_model() {
  return models.front();
}

const model& background_model() {
  return *find_model(330);
}

}  // namespace sim::ls
