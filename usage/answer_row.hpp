#pragma once

// What an answer tells of its usage, as rows: that of the call itself, and one for each call that the provider made for
// it with another model. The same for exchanges and for the turns of a WebSocket.

#include <vector>

#include "usage/answer_members.hpp"
#include "usage/dialect.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// Names and usage of the call itself; returns the calls beside it.
std::vector<side_call> take_usage(usage_record& row, const answer_members& answer);

/// The rows of `sides`: they share with `row`, which is whole, who asked and when.
std::vector<usage_record> side_rows(const usage_record& row, std::vector<side_call> sides);

}  // namespace usage
