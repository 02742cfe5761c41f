"""The second proof of who one is: a code that changes every 30 s, made by a device (TOTP, RFC 6238). Emits nothing."""
