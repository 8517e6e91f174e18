#pragma once

#include "carillon/Api.h"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

namespace carillon
{

/// The root of what the SDK throws. The text names the thing, the place and the remedy, and holds no patient's data.
class CARILLON_API Error : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
    ~Error() override;
};

/// This message can never succeed: it is dead at once, whatever retries are left.
class CARILLON_API PermanentFailure : public Error
{
public:
    using Error::Error;
    ~PermanentFailure() override;
};

/// This message failed now and may succeed later; counted as an attempt. `after` lengthens the wait, never shortens it.
class CARILLON_API RetryableFailure : public Error
{
public:
    explicit RetryableFailure(const std::string& reason, std::optional<std::chrono::milliseconds> after = {});
    ~RetryableFailure() override;
    std::optional<std::chrono::milliseconds> after() const noexcept { return _after; }

private:
    std::optional<std::chrono::milliseconds> _after;
};

/// What was given cannot be accepted: a message that breaks its schema, an unknown type, a bad argument.
/// `pointer` is the JSON pointer (RFC 6901) of the place, empty for the whole.
class CARILLON_API InvalidInput : public Error
{
public:
    explicit InvalidInput(const std::string& reason, std::string pointer = {});
    ~InvalidInput() override;
    const std::string& pointer() const noexcept { return _pointer; }

private:
    std::string _pointer;
};

/// The configuration, a plugin or the environment is wrong; nothing was started.
class CARILLON_API ConfigurationError : public Error
{
public:
    using Error::Error;
    ~ConfigurationError() override;
};

/// The transport could not do it: unreachable, full, or the answer is unknown. What was not confirmed may or may not be there.
class CARILLON_API TransportError : public Error
{
public:
    using Error::Error;
    ~TransportError() override;
};

/// The store could not do it; the transaction was rolled back.
class CARILLON_API StoreError : public Error
{
public:
    using Error::Error;
    ~StoreError() override;
};

/// No space is left, or less than the configured floor: publishers get it, consumers pause on it.
class CARILLON_API StorageFull : public StoreError
{
public:
    using StoreError::StoreError;
    ~StorageFull() override;
};

/// A staged write met another version than it expected; the message is tried again on fresh data, not counted.
class CARILLON_API VersionConflict : public StoreError
{
public:
    using StoreError::StoreError;
    ~VersionConflict() override;
};

} // namespace carillon
