#pragma once

// How a model call is told in the language server's own records: tokens in its units (input without what was cached,
// output with the thoughts), attempts that failed, times.

#include "proto/cortex.pb.h"
#include "test/sim/language_server/calls/model_call.hpp"

namespace sim::ls {

exa::codeium_common_pb::ModelUsageStats usage_stats(const model& asked, const call_report&);

exa::cortex_pb::CortexStepGeneratorMetadata generator_record(const model& asked, const call_report&);

exa::cortex_pb::CortexErrorDetails error_details(const model_failure&);

}  // namespace sim::ls
