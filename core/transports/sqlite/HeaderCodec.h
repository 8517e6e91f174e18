#pragma once

#include "carillon/Envelope.h"

#include <optional>
#include <string>
#include <string_view>

namespace carillon::transports::sqlite
{

/// Headers as bytes: for each its name and its value, each as `<length>:<bytes>`. Any bytes come back as they were.
std::string encodeHeaders(const Headers& headers);

/// Nothing when the bytes are not what encodeHeaders() makes.
std::optional<Headers> decodeHeaders(std::string_view bytes);

} // namespace carillon::transports::sqlite
