#pragma once

#include <map>
#include <string>

namespace carillon::notification
{

/// A notification's `data` as push providers take it: flat, text to text (FCM: "data values must be JSON strings").
///
/// - An object gives an entry for each member. A text is handed on as it is; a number, a truth value, null, an object or a list as compact
/// JSON.
/// - A list gives an entry for each element, named by its position: `0`, `1`, …
/// - `{}`, `[]`, null and an empty text give none.
///
/// A member's name must not be empty, `from` or `message_type`, nor begin with `google` or `gcm`: FCM keeps those for itself and refuses
/// the message. Renaming would hide the value from the app that looks for it. Throws PermanentFailure with the rule that was broken, and no
/// content.
std::map<std::string, std::string> flattenData(const std::string& json);

} // namespace carillon::notification
