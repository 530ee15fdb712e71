"""What a release is made of: packages, their checksums, what is in them, under which licences."""
