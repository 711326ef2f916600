#include "app/providers/provider_text.hpp"

// The file, in this object file.
asm(R"(
.section .rodata
zg_provider_text:
.incbin ")" ZEROGRAVITY_PROVIDERS R"("
zg_provider_text_end:
.previous
)");
extern "C" const char zg_provider_text[];
extern "C" const char zg_provider_text_end[];

namespace app {

std::string_view provider_text() noexcept {
  return {zg_provider_text, zg_provider_text_end};
}

}  // namespace app
