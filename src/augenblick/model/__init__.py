"""What every room shares and that itself imports nothing: errors and the names of terms."""
