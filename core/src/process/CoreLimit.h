#pragma once

namespace carillon::process
{

/// No core dumps from this process and those it starts: they hold bodies and tokens. Keeps what is stricter already.
void forbidCores() noexcept;

} // namespace carillon::process
